import { msg } from '@lit/localize';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { decline, declined, install, installable, installed } from '../lib/install';
import { toast } from '../lib/toast';
import { base, stateColours } from './base';
import { icons } from './icons';

/**
 * Offers to put the app on the device, where the browser can. As a `notice` it can be declined for good; in the settings it
 * says how things stand, and how it is done where the browser does not offer it by itself.
 */
@customElement('fs-install')
export class FsInstall extends LitElement {
  static override styles = [
    base,
    stateColours,
    css`
      :host([notice]) .offer {
        padding: var(--fs-2) var(--fs-4);
        background: var(--fs-grey-tint);
      }
      .offer {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: var(--fs-2) var(--fs-4);
      }
      .offer p {
        flex: 1 1 220px;
      }
      .choices {
        display: flex;
        gap: var(--fs-2);
      }
      .told {
        display: flex;
        gap: var(--fs-2);
      }
      .told svg {
        margin-top: 3px;
      }
    `,
  ];

  @property({ type: Boolean }) notice = false;
  private readonly changed = () => this.requestUpdate();

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('fs-install', this.changed);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('fs-install', this.changed);
  }

  override render(): TemplateResult | typeof nothing {
    if (this.notice) return installable() && !declined() ? this.offer() : nothing;
    if (installed())
      return html`<p class="told"><span class="green">${icons.tick}</span> <span>${msg('It is installed on this device.')}</span></p>`;
    if (installable()) return this.offer();
    return html`<p class="muted">${msg('Your browser’s menu has it: “Install app” or “Add to home screen”.')}</p>`;
  }

  private offer(): TemplateResult {
    return html`<section class="offer" aria-label=${msg('Install the app')}>
      <p>${msg('fieldsync can be put on this device. It then opens like any other app.')}</p>
      <div class="choices">
        <button type="button" @click=${this.install}>${icons.save} ${msg('Install')}</button>
        ${this.notice ? html`<button type="button" class="bare" @click=${decline}>${msg('Not now')}</button>` : nothing}
      </div>
    </section>`;
  }

  private async install(): Promise<void> {
    if (await install()) toast({ kind: 'done', message: msg('fieldsync is on this device now.') });
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-install': FsInstall;
  }
}
