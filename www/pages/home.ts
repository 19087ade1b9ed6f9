import { msg } from '@lit/localize';
import { css, html, nothing, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { base } from '../elements/base';
import type { FsConfirm } from '../elements/fs-confirm';
import type { ItemAction } from '../elements/fs-item';
import type { FsList } from '../elements/fs-list';
import type { FsReadingForm } from '../elements/fs-reading-form';
import type { Scanned } from '../elements/fs-scan';
import { icons } from '../elements/icons';
import { Unhurried } from '../elements/unhurried';
import { asCallError, connect } from '../lib/client';
import { correctable } from '../lib/correctable';
import { discard, resolve } from '../lib/deeds';
import { number } from '../lib/format';
import { LiveController, live } from '../lib/live';
import { Properties } from '../lib/properties';
import { go } from '../lib/router';
import { visible } from '../lib/text';
import { toast } from '../lib/toast';
import '../elements/fs-confirm';
import '../elements/fs-drafts';
import '../elements/fs-list';
import '../elements/fs-progress';
import '../elements/fs-reading-form';

/** Read a meter; beside it, or below on a phone, what waits and what has been sent. */
@customElement('fs-home')
export class FsHome extends Unhurried {
  static override styles = [
    base,
    css`
      :host {
        display: grid;
        gap: var(--fs-4);
        max-width: 1160px;
        margin: 0 auto;
        padding: var(--fs-4);
      }
      .title {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: var(--fs-3);
        margin-bottom: var(--fs-3);
      }
      section,
      .lists {
        min-width: 0;
      }
      .lists {
        display: grid;
        align-content: start;
        gap: var(--fs-6);
      }
      h2 {
        margin-bottom: var(--fs-2);
        font-size: var(--fs-base);
        letter-spacing: 0;
      }
      #queue:focus {
        outline: 0;
        box-shadow: none;
      }
      .empty {
        padding: var(--fs-4);
        border: 1.5px dashed var(--fs-line);
        border-radius: var(--fs-radius);
        color: var(--fs-muted);
      }
      .other {
        display: flex;
        align-items: center;
        justify-content: center;
        gap: var(--fs-2);
        min-height: var(--fs-button);
        border: 1.5px solid var(--fs-border);
        border-radius: var(--fs-radius);
        background: var(--fs-surface);
        color: inherit;
        font-weight: 600;
        text-decoration: none;
      }
      .empty b {
        display: block;
        color: var(--fs-ink);
      }
      .failure {
        display: grid;
        gap: var(--fs-3);
        justify-items: start;
        padding: var(--fs-4);
        border: 3px solid var(--fs-red);
        border-radius: var(--fs-radius);
        overflow-wrap: anywhere;
      }
      .failure h2 {
        display: flex;
        gap: var(--fs-2);
        margin: 0;
        color: var(--fs-red);
      }
      @media (min-width: 900px) {
        :host {
          grid-template-columns: minmax(360px, 5fr) 7fr;
          gap: var(--fs-8);
          padding: var(--fs-6);
        }
        .form {
          position: sticky;
          top: 92px;
          align-self: start;
        }
      }
    `,
  ];

  @state() private scanning = false;
  /** What stands below the form is there too: after it, so that it comes sooner and nothing moves. */
  @state() private whole = false;
  @query('fs-reading-form') private form!: FsReadingForm;
  @query('fs-confirm') private confirm!: FsConfirm;
  @query('fs-list') private queue!: FsList;
  @query('#queue') private heading!: HTMLElement;

  private readonly properties = new Properties(this);

  constructor() {
    super();
    new LiveController(this);
  }

  override firstUpdated(): void {
    void this.form.updateComplete.then(() => {
      this.whole = true;
    });
    this.correctSent();
  }

  /** Another page sent an item here to be corrected. */
  private correctSent(): void {
    const id = new URLSearchParams(location.search).get('correct');
    if (!id) return;
    go('/', { replace: true });
    connect()
      .then(client => client.get(id))
      .then(item => this.form.correct(item))
      .catch(error => toast({ kind: 'trouble', message: asCallError(error).message }));
  }

  /** The camera's part comes when it is first asked for. */
  private async scan(): Promise<void> {
    try {
      await import('../elements/fs-scan');
      this.scanning = true;
      await this.updateComplete;
      await this.renderRoot.querySelector('fs-scan')?.open();
    } catch {
      toast({
        kind: 'trouble',
        message: msg('Scanning is not on this device yet. It comes with the next connection.'),
      });
    }
  }

  /** Fills in what a printed code says. */
  fill(code: string): void {
    void this.form.take(code);
  }

  /** Where the key for a new entry leads. */
  override focus(): void {
    this.form.focus();
  }

  override render(): TemplateResult {
    return html`<section class="form" aria-labelledby="read">
        <div class="title">
          <h1 id="read">${msg('Read a meter')}</h1>
          <button type="button" @click=${this.scan}>${icons.code} ${msg('Scan')}</button>
        </div>
        <fs-reading-form></fs-reading-form>
        ${this.whole ? html`<a class="other" href="/assess">${icons.form} ${msg('Assess a site')}</a>` : nothing}
      </section>
      ${this.whole ? this.lists() : nothing}
      <fs-confirm></fs-confirm>
      ${this.scanning ? html`<fs-scan @fs-scanned=${({ detail }: Scanned) => this.fill(detail)}></fs-scan>` : nothing}`;
  }

  private lists(): TemplateResult {
    const locked = live.status?.vault === 'locked';
    return html`<div class="lists" @fs-correct=${this.correct} @fs-discard=${this.discard}
        @fs-keep-mine=${this.keepMine} @fs-keep-theirs=${this.keepTheirs} @fs-row-gone=${this.goOn}>
        ${this.failure()}
        <fs-drafts></fs-drafts>
        <fs-progress></fs-progress>
        <section aria-labelledby="queue" ?hidden=${!live.status || locked}>
          <h2 id="queue" tabindex="-1">${msg('Not yet on the server')}${live.status?.queueSize ? ` · ${number(live.status.queueSize)}` : ''}</h2>
          <fs-list shelf="queue" .known=${this.properties.all}>
            <p class="empty"><b>${msg('Nothing is waiting')}</b> ${msg('What you save appears here with one tick, and is sent by itself.')}</p>
          </fs-list>
        </section>
        <section aria-labelledby="done" ?hidden=${!live.status || locked}>
          <h2 id="done">${msg('On the server')}</h2>
          <fs-list shelf="done" .known=${this.properties.all}>
            <p class="empty"><b>${msg('Nothing sent yet')}</b> ${msg('With two ticks the server has confirmed a reading, and it moves here.')}</p>
          </fs-list>
        </section>
      </div>`;
  }

  private failure(): TemplateResult | typeof nothing {
    if (!live.failure) return nothing;
    const title = live.failure.code.startsWith('storage')
      ? msg('This device’s storage cannot be used')
      : msg('This device cannot save just now');
    // A defect leaves the engine stopped until the page is loaded anew; what is typed and saved outlives that.
    const broken = live.failure.code === 'internal';
    const again = () => (broken ? location.reload() : live.status ? live.refresh() : void live.start());
    return html`<section class="failure" role="alert">
      <h2>${icons.alert} ${title}</h2>
      <p>${visible(live.failure.message)}</p>
      <button type="button" @click=${again}>${broken ? msg('Reload') : msg('Try again')}</button>
    </section>`;
  }

  private correct({ detail: { item } }: ItemAction): void {
    const form = item.type === 'READING' ? undefined : correctable(item);
    if (form) go(form);
    else void this.form.correct(item);
  }

  private discard({ detail: { item } }: ItemAction): Promise<void> {
    return discard(item, {
      confirm: () => this.confirm,
      goOn: () => this.goOn(),
      restored: ({ id }) => this.queue.focusOn(id),
    });
  }

  private async keepMine({ detail: { item } }: ItemAction): Promise<void> {
    await resolve(item, { choice: 'mine' }, () => this.goOn());
  }

  private async keepTheirs({ detail: { item } }: ItemAction): Promise<void> {
    await resolve(item, { choice: 'theirs' }, () => this.goOn());
  }

  /** Where the focus is when the row that had it has gone. */
  private goOn(): void {
    this.heading.focus({ preventScroll: true });
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-home': FsHome;
  }
}
