import { msg } from '@lit/localize';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { asCallError } from '../lib/call-error';
import { isOffered, isOn, NotUnlocked, switchOff, switchOn, unlockHere } from '../lib/device-unlock';
import { theKeyring } from '../lib/keyring';
import { errorWords } from '../lib/said-by-engine';
import { visible } from '../lib/text';
import { toast } from '../lib/toast';
import { WrongPassphrase } from '../lib/vault';
import { base } from './base';
import { icons } from './icons';
import { fields, page, stacked } from './page';

/** Opens the vault by the device's own lock, or switches that on and off; nothing where the device cannot do it. */
@customElement('fs-device-unlock')
export class FsDeviceUnlock extends LitElement {
  static override styles = [
    base,
    page,
    fields,
    stacked,
    css`
      :host {
        padding: 0;
      }
      .card {
        display: grid;
        gap: var(--fs-4);
      }
    `,
  ];

  /** The vault is locked: it is to be opened. */
  @property({ type: Boolean }) locked = false;
  @state() private offered = false;
  @state() private on = false;
  @state() private asks = false;
  @state() private busy = false;
  @state() private failure = '';
  @query('input') private input!: HTMLInputElement;
  private stop: (() => void) | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.look();
    void theKeyring().then(keyring => {
      this.stop = keyring.onChange(() => void this.look());
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop?.();
  }

  override render(): TemplateResult | typeof nothing {
    if (!this.on && (this.locked || !this.offered)) return nothing;
    return html`<div class="card">
      ${this.failure ? html`<p class="trouble" role="alert">${icons.alert}<span>${visible(this.failure)}</span></p>` : nothing}
      ${this.locked ? this.open() : this.choose()}
    </div>`;
  }

  private open(): TemplateResult {
    return html`<button type="button" class="main" aria-disabled=${this.busy} @click=${() => this.work(unlockHere)}>
      ${this.busy ? msg('Unlocking…') : msg('Unlock with this device')}</button>`;
  }

  private choose(): TemplateResult {
    const press = (words: string, deed: () => void) =>
      html`<div class="actions"><button type="button" @click=${deed}>${words}</button></div>`;
    return html`<h2>${msg('Unlock with this device')}</h2>
      <p>${
        this.on
          ? msg(
              'Your finger, your face or the PIN of this device opens the app here. The passphrase does too.',
            )
          : msg(
              'Your finger, your face or the PIN of this device can open the app here. Whoever can unlock the device so can then open the app, too.',
            )
      }</p>
      ${
        this.on
          ? press(msg('Switch it off'), () => this.work(switchOff))
          : this.asks
            ? this.form()
            : press(msg('Switch it on'), () => this.ask())
      }`;
  }

  private form(): TemplateResult {
    return html`<form @submit=${this.switchOn}>
      <div>
        <label for="passphrase">${msg('Your passphrase')}</label>
        <input id="passphrase" type="password" autocomplete="current-password" required />
      </div>
      <div class="actions">
        <button class="main" aria-disabled=${this.busy}>${this.busy ? msg('One moment…') : msg('Switch it on')}</button>
      </div>
    </form>`;
  }

  private async ask(): Promise<void> {
    this.asks = true;
    await this.updateComplete;
    this.input.focus();
  }

  private readonly switchOn = (event: Event): Promise<void> => {
    event.preventDefault();
    return this.work(async () => {
      await switchOn(this.input.value);
      this.asks = false;
      toast({ kind: 'done', message: msg('From now on this device can open the app.') });
    });
  };

  private async work(deed: () => Promise<void>): Promise<void> {
    if (this.busy) return;
    [this.busy, this.failure] = [true, ''];
    try {
      await deed();
    } catch (error) {
      if (error instanceof NotUnlocked) this.failure = error.message;
      else if (error instanceof WrongPassphrase) this.failure = msg('This is not the passphrase.');
      else this.failure = errorWords(asCallError(error));
    } finally {
      this.busy = false;
      await this.look();
    }
  }

  private async look(): Promise<void> {
    [this.offered, this.on] = await Promise.all([isOffered(), isOn()]);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-device-unlock': FsDeviceUnlock;
  }
}
