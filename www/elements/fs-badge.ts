import { msg, str } from '@lit/localize';
import { css, html, LitElement, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { ago } from '../lib/ago';
import { base } from './base';

/** What the last check of this device's sync found. */
export type Health = 'starting' | 'aligned' | 'needed' | 'failed';

/** How long a state must last before it is shown, in milliseconds: what passes sooner would only flicker. */
const STEADY = 50;

const LOOKS: Record<Health, { mark: string; words: string }> = {
  starting: { mark: '·', words: msg('Starting') },
  aligned: { mark: '✓', words: msg('Up to date') },
  needed: { mark: '!', words: msg('Needs sync') },
  failed: { mark: '✕', words: msg('Check failed') },
};

/** Whether this device is in sync with the others: a mark, its colour, and in words with the time of the last check. */
@customElement('fs-badge')
export class FsBadge extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        display: inline-block;
      }
      span {
        display: grid;
        place-items: center;
        width: 28px;
        height: 28px;
        border: 2px solid currentColor;
        border-radius: 50%;
        background: var(--fs-surface);
        font-weight: 700;
        line-height: 1;
      }
      .starting {
        color: var(--fs-grey);
      }
      .aligned {
        color: var(--fs-green);
      }
      .needed,
      .failed {
        color: var(--fs-red);
      }
      .needed {
        animation: pulse 1.6s ease-in-out infinite;
      }
      @keyframes pulse {
        50% {
          box-shadow: 0 0 0 5px var(--fs-red-tint);
        }
      }
      @media (prefers-reduced-motion: reduce) {
        .needed {
          animation: none;
        }
      }
    `,
  ];

  /** What is known. */
  @property() state: Health = 'starting';
  /** When that was found, in milliseconds since 1970. */
  @property({ type: Number, attribute: 'last-check' }) lastCheck: number | undefined;
  @state() private shown: Health = 'starting';
  private timer: number | undefined;

  override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('state')) return;
    clearTimeout(this.timer);
    // Nothing was shown that could flicker.
    if (!this.hasUpdated) this.shown = this.state;
    else this.timer = window.setTimeout(() => this.settle(), STEADY);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.timer);
    this.settle();
  }

  override render(): TemplateResult {
    const { mark, words } = LOOKS[this.shown] ?? LOOKS.starting;
    const checked =
      this.lastCheck === undefined ? msg('Not checked yet') : msg(str`Last check: ${ago(this.lastCheck)}`);
    return html`<span class=${this.shown} part="mark ${this.shown}" role="img" aria-label="${words}. ${checked}." title="${words}. ${checked}.">${mark}</span>`;
  }

  private settle(): void {
    this.shown = this.state;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-badge': FsBadge;
  }
}
