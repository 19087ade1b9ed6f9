import { msg, str } from '@lit/localize';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { number } from '../lib/format';
import { visible } from '../lib/text';
import { base } from './base';
import { questionStyles } from './fs-form.styles';
import { icons } from './icons';

/** How long the device may look for its position, and how old one may be that it knows already. Milliseconds. */
const PATIENCE = 30_000;
const FRESH = 60_000;
/** Decimals of a degree that are worth keeping: a sixth is 11 cm. */
const DECIMALS = 6;

/** What is typed or was found; the accuracy, in metres, only of what was found. */
export interface Position {
  latitude: string;
  longitude: string;
  accuracy: string | undefined;
}

/** A position: found by the device when asked, or typed. Tells `fs-position` at every change. */
@customElement('fs-position')
export class FsPosition extends LitElement {
  static override styles = [
    base,
    questionStyles,
    css`
      fieldset {
        min-width: 0;
        margin: 0;
        padding: 0;
        border: 0;
      }
      .pair {
        display: grid;
        grid-template-columns: 1fr 1fr;
        gap: var(--fs-3);
        margin-top: var(--fs-2);
      }
      .pair label {
        font-weight: 400;
      }
      button {
        width: 100%;
        min-height: 48px;
        margin-top: var(--fs-2);
      }
      .said {
        min-height: 1.5em;
        margin-top: var(--fs-1);
      }
    `,
  ];

  @property() heading = '';
  @property() hint = '';
  @property({ type: Boolean }) needed = false;
  @property() error = '';
  @property() latitude = '';
  @property() longitude = '';
  @property() accuracy = '';
  @state() private looking = false;
  /** Why there is none. */
  @state() private trouble = '';
  @query('#latitude') private first!: HTMLElement;

  override focus(options?: FocusOptions): void {
    this.first.focus(options);
  }

  override render(): TemplateResult {
    const input = ({ target }: Event) => {
      const { id, value } = target as HTMLInputElement;
      // What is typed is as exact as the person knows.
      this.tell({ latitude: this.latitude, longitude: this.longitude, [id]: value, accuracy: undefined });
    };
    const field = (id: 'latitude' | 'longitude', label: string) => html`<div>
      <label for=${id}>${label}</label>
      <input id=${id} class="numbers" dir="ltr" inputmode="text" maxlength="20" autocomplete="off" enterkeyhint="next"
        aria-invalid=${this.error !== ''} aria-describedby="error" .value=${live(this[id])} @input=${input} />
    </div>`;
    return html`<fieldset aria-describedby="hint">
      <legend>
        <bdi>${visible(this.heading)}</bdi>${this.needed ? nothing : html` <span class="optional">${msg('(optional)')}</span>`}
      </legend>
      <p id="hint" class="hint" ?hidden=${!this.hint}><bdi>${visible(this.hint)}</bdi></p>
      <p id="error" class="error" ?hidden=${!this.error}>
        ${this.error ? html`${icons.alert} <span>${this.error}</span>` : nothing}
      </p>
      ${
        'geolocation' in navigator
          ? html`<button type="button" aria-disabled=${this.looking} @click=${this.look}>
              ${icons.pin} ${this.looking ? msg('Looking for your position…') : msg('Use my position')}
            </button>`
          : nothing
      }
      <p class="said hint" role="status">${this.said()}</p>
      <div class="pair">${field('latitude', msg('Latitude'))} ${field('longitude', msg('Longitude'))}</div>
    </fieldset>`;
  }

  private said(): unknown {
    if (this.looking) return nothing;
    if (this.trouble) return this.trouble;
    const metres = Number(this.accuracy);
    if (this.accuracy === '' || !Number.isFinite(metres)) return nothing;
    return msg(str`Found, to within ${number(metres)} m.`);
  }

  private look(): void {
    if (this.looking) return;
    this.looking = true;
    this.trouble = '';
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        this.looking = false;
        const degrees = (value: number) => String(Number(value.toFixed(DECIMALS)));
        const accuracy = String(Math.max(1, Math.round(coords.accuracy)));
        this.tell({ latitude: degrees(coords.latitude), longitude: degrees(coords.longitude), accuracy });
      },
      ({ code }) => {
        this.looking = false;
        this.trouble = WHY[code] ?? NOT_FOUND;
        this.focus();
      },
      { enableHighAccuracy: true, timeout: PATIENCE, maximumAge: FRESH },
    );
  }

  private tell(detail: Position): void {
    this.trouble = '';
    this.dispatchEvent(new CustomEvent('fs-position', { detail }));
  }
}

const NOT_FOUND = msg('Your position was not found. Try again under the open sky, or type it.');

/** By the codes of the browser's refusals. */
const WHY: Record<number, string> = {
  1: msg('This app may not use your position. Allow it in the browser’s settings, or type it.'),
};

declare global {
  interface HTMLElementTagNameMap {
    'fs-position': FsPosition;
  }
  interface HTMLElementEventMap {
    'fs-position': CustomEvent<Position>;
  }
}
