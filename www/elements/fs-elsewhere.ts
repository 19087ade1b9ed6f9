import { msg } from '@lit/localize';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Keystore } from '../lib/generated';
import { theKeyring } from '../lib/keyring';
import { onStatusChange, standing } from '../lib/scheduler';
import { carried } from '../lib/vault';
import { base } from './base';
import './fs-rotations';
import { fields, page, stacked } from './page';

/** What is typed to take the keys of the other devices in. */
export interface Typed {
  /** The keystore that the server carries. */
  theirs: Keystore;
  passphrase: string;
  /** This device's own until now, where it is another. */
  own: string | undefined;
}

/** Whether this device lacks something is for the engine's check to say. */
const isAdvised = () => standing()?.report?.recommendation.action === 'import-keystore';

/** Where both are the same the last check was of before they were taken in. */
const isSame = (mine: Keystore, theirs: Keystore) =>
  mine.lock.salt === theirs.lock.salt &&
  mine.rotations.at(-1)?.publicKey === theirs.rotations.at(-1)?.publicKey;

/**
 * The keys that a person's other devices have and this one lacks, as the server carries them: both histories side by side, and
 * the passphrase that takes them in. Nothing where there is nothing to take.
 */
@customElement('fs-elsewhere')
export class FsElsewhere extends LitElement {
  static override styles = [
    base,
    page,
    fields,
    stacked,
    css`
      form {
        margin-bottom: var(--fs-4);
      }
      .sides {
        display: grid;
        gap: var(--fs-4);
        grid-template-columns: repeat(auto-fit, minmax(220px, 1fr));
      }
      h3 {
        margin-bottom: var(--fs-2);
        font-size: 1rem;
      }
    `,
  ];

  /** This device's own, where it has a vault. */
  @property({ attribute: false }) mine: Keystore | undefined;
  @property({ attribute: false }) take!: (typed: Typed) => Promise<boolean>;
  @property({ type: Boolean }) busy = false;
  @state() private theirs: Keystore | undefined;
  #stop: (() => void)[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.look();
    this.#stop = [onStatusChange(() => void this.look())];
    void theKeyring().then(keyring => this.#stop.push(keyring.onChange(() => void this.look())));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const stop of this.#stop) stop();
  }

  /** Without a network nothing more is known of others: a passphrase that is being typed stays. */
  private async look(): Promise<void> {
    const theirs = await carried().catch(() => this.theirs);
    this.theirs = theirs;
  }

  override render(): TemplateResult | typeof nothing {
    const { mine, theirs } = this;
    // An element with nothing in it would still keep its distance from the next one.
    this.hidden = !theirs || (mine !== undefined && (isSame(mine, theirs) || !isAdvised()));
    if (!theirs || this.hidden) return nothing;
    const other = mine && mine.lock.salt !== theirs.lock.salt;
    return html`<form class="card" @submit=${this.submit}>
      <h2>${mine ? msg('Your other devices have new keys') : msg('Your other devices have a passphrase')}</h2>
      <p>${
        other
          ? msg(
              'The passphrase was changed on another device. Type the new one, and the one that opens this device until now.',
            )
          : mine
            ? msg('Type your passphrase to take them in. What was sealed before can still be read.')
            : msg('Type it here, and this device is sealed with the same keys.')
      }</p>
      ${
        mine
          ? html`<div class="sides">
              <div><h3>${msg('This device')}</h3><fs-rotations .rotations=${mine.rotations} .beside=${theirs.rotations}></fs-rotations></div>
              <div><h3>${msg('Your other devices')}</h3><fs-rotations .rotations=${theirs.rotations} .beside=${mine.rotations}></fs-rotations></div>
            </div>`
          : nothing
      }
      <div>
        <label for="theirs">${other ? msg('The new passphrase') : msg('Passphrase of your devices')}</label>
        <input id="theirs" name="theirs" type="password" autocomplete="current-password" required />
      </div>
      ${
        other
          ? html`<div>
              <label for="own">${msg('This device’s passphrase until now')}</label>
              <input id="own" name="own" type="password" autocomplete="current-password" required />
            </div>`
          : nothing
      }
      <button class="main" aria-disabled=${this.busy}>${this.busy ? msg('One moment…') : mine ? msg('Take the new keys') : msg('Use the same passphrase')}</button>
    </form>`;
  }

  private readonly submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const { theirs } = this;
    if (this.busy || !theirs) return;
    const form = event.currentTarget as HTMLFormElement;
    const entered = new FormData(form);
    const own = entered.get('own');
    const passphrase = String(entered.get('theirs'));
    if (await this.take({ theirs, passphrase, own: own === null ? undefined : String(own) })) {
      form.reset();
      await this.look();
    }
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-elsewhere': FsElsewhere;
  }
}
