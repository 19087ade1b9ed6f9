import { msg, str } from '@lit/localize';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { base } from '../elements/base';
import { icons } from '../elements/icons';
import { fields, page, stacked } from '../elements/page';
import { signIn, signOut } from '../lib/account';
import { asCallError, connect } from '../lib/client';
import { plural } from '../lib/format';
import type { Account } from '../lib/generated';
import { LiveController, live } from '../lib/live';
import { go } from '../lib/router';
import { visible } from '../lib/text';
import { toast } from '../lib/toast';

/** Who is signed in on this device; a form for who is not. */
@customElement('fs-sign-in')
export class FsSignIn extends LitElement {
  static override styles = [
    base,
    page,
    fields,
    stacked,
    css`
      .card,
      .lead {
        max-width: 480px;
      }
      .who {
        display: grid;
        gap: var(--fs-4);
      }
      .who b {
        overflow-wrap: anywhere;
      }
    `,
  ];

  @state() private account: Account | undefined;
  @state() private failure = '';
  @state() private busy = false;
  @query('h1') private heading!: HTMLElement;
  @query('#email') private email!: HTMLInputElement;
  @query('#password') private password!: HTMLInputElement;

  constructor() {
    super();
    new LiveController(this, () => void this.look());
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.look();
  }

  override focus(options?: FocusOptions): void {
    this.heading.focus(options);
  }

  override render(): TemplateResult {
    return html`<h1 tabindex="-1">${this.account?.signedIn ? msg('Signed in') : msg('Sign in')}</h1>
      ${this.account?.signedIn ? this.who(this.account) : this.form()}`;
  }

  private form(): TemplateResult {
    const { email = '' } = this.account ?? {};
    return html`<p class="lead">
        ${
          this.waiting
            ? plural(
                this.waiting,
                msg(
                  '# entry waits on this device, and goes to the server once you are signed in.|# entries wait on this device, and go to the server once you are signed in.',
                ),
              )
            : msg(
                'What you enter is saved on this device also without. It goes to the server once you are signed in.',
              )
        }
      </p>
      ${this.failure ? html`<p class="trouble card" role="alert">${icons.alert}<span>${visible(this.failure)}</span></p>` : nothing}
      <form class="card" @submit=${this.submit}>
        <div>
          <label for="email">${msg('E-mail')}</label>
          <input id="email" type="email" autocomplete="username" required .value=${email} />
        </div>
        <div>
          <label for="password">${msg('Password')}</label>
          <input id="password" type="password" autocomplete="current-password" required />
        </div>
        <button class="main" aria-disabled=${this.busy}>${this.busy ? msg('Signing in…') : msg('Sign in')}</button>
      </form>`;
  }

  private who({ email = '' }: Account): TemplateResult {
    return html`<div class="card who">
      <p>${msg(html`Entries from this device are sent in the name of <b><bdi>${visible(email)}</bdi></b>.`)}</p>
      <div class="actions">
        <a class="button" href="/">${msg('Go on working')}</a>
        <button type="button" @click=${this.leave}>${msg('Sign out')}</button>
      </div>
      <p class="small">${msg('What is still to be sent stays here, and waits until you sign in again. Somebody else can use this device once all of it is on the server.')}</p>
    </div>`;
  }

  private get waiting(): number {
    return live.status?.queueSize ?? 0;
  }

  private async look(): Promise<void> {
    const client = await connect().catch(() => undefined);
    const account = await client?.account().catch(() => undefined);
    if (account && JSON.stringify(account) !== JSON.stringify(this.account)) this.account = account;
  }

  private readonly submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (this.busy) return;
    [this.busy, this.failure] = [true, ''];
    try {
      this.account = await signIn(await connect(), this.email.value, this.password.value);
      toast({ kind: 'done', message: msg(str`Signed in as ${this.account.email}.`) });
      go('/');
    } catch (error) {
      this.failure = asCallError(error).message;
    } finally {
      this.busy = false;
    }
  };

  private readonly leave = async (): Promise<void> => {
    try {
      await signOut(await connect());
      toast({ kind: 'plain', message: msg('Signed out. What waits stays on this device.') });
    } catch (error) {
      this.failure = asCallError(error).message;
    }
    await this.look();
    this.heading.focus();
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-sign-in': FsSignIn;
  }
}
