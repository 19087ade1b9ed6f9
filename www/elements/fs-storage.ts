import { msg, str } from '@lit/localize';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { bytes, percent } from '../lib/format';
import { protect } from '../lib/persist';
import { base, stateColours } from './base';
import { icons } from './icons';
import { page } from './page';

/** Whether the browser may clear this device's storage, and how much of it is used. */
@customElement('fs-storage')
export class FsStorage extends LitElement {
  static override styles = [
    base,
    stateColours,
    page,
    css`
      :host {
        padding: 0;
      }
      p {
        display: flex;
        gap: var(--fs-2);
      }
      p svg {
        margin-top: 3px;
      }
      meter {
        width: 100%;
        height: 12px;
        margin-top: var(--fs-2);
      }
      button {
        justify-self: start;
      }
    `,
  ];

  @state() private persisted: boolean | undefined;
  @state() private use: StorageEstimate | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.look();
  }

  override render(): TemplateResult {
    return html`${this.standing()} ${this.room()}`;
  }

  private standing(): TemplateResult | typeof nothing {
    if (this.persisted === undefined)
      return html`<p>${icons.unknown} ${msg('This browser does not say whether it may clear what is stored.')}</p>`;
    if (this.persisted) {
      return html`<p><span class="green">${icons.tick}</span> <span><b>${msg('Protected.')}</b> ${msg('The browser does not clear it by itself.')}</span></p>`;
    }
    return html`<p><span class="amber">${icons.alert}</span>
        <span><b>${msg('Not protected yet.')}</b> ${msg('When room runs out the browser may clear what is stored, unsent work too.')}</span></p>
      <button type="button" @click=${this.protect}>${msg('Protect it')}</button>`;
  }

  private room(): TemplateResult | typeof nothing {
    const { usage, quota } = this.use ?? {};
    if (usage === undefined || !quota) return nothing;
    const used = msg(str`${bytes(usage)} of ${bytes(quota)} used (${percent(usage, quota)})`);
    return html`<div>
      <div class="numbers">${used}</div>
      <meter min="0" max=${quota} value=${usage} high=${quota * 0.8} aria-label=${msg('Storage used')}>${used}</meter>
    </div>`;
  }

  private async look(): Promise<void> {
    const { storage } = navigator;
    this.persisted = await storage?.persisted?.().catch(() => undefined);
    this.use = await storage?.estimate?.().catch(() => undefined);
  }

  private async protect(): Promise<void> {
    await protect();
    await this.look();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-storage': FsStorage;
  }
}
