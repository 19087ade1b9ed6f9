import { msg, str } from '@lit/localize';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { live as asShown } from 'lit/directives/live.js';
import { askForMe, refusalOf } from '../lib/as-me';
import { exact, parseDecimal } from '../lib/format';
import type { BandwidthLimits, Device, FieldError } from '../lib/generated';
import { deviceName, speed } from '../lib/schedule-words';
import { visible } from '../lib/text';
import { toast } from '../lib/toast';
import { base } from './base';
import { icons } from './icons';
import { fields, loading, page, stacked } from './page';

/** Both ways, by the names of the server's fields. */
const WAYS = [
  { name: 'uploadSpeedLimit', label: msg('Sending, at most') },
  { name: 'downloadSpeedLimit', label: msg('Receiving, at most') },
] as const;
type Way = (typeof WAYS)[number]['name'];

const UNITS: [number, string][] = [
  [1_000, msg('kB/s')],
  [1_000_000, msg('MB/s')],
];

/** As a person has typed it. */
interface Typed {
  text: string;
  unit: number;
}

const typed = (limit: number | null): Typed => {
  const unit = limit !== null && limit >= 1_000_000 ? 1_000_000 : 1_000;
  return { text: limit === null ? '' : exact(limit / unit), unit };
};

/** How fast a person's devices may send and receive: for all of them, and for each that has a limit of its own. */
@customElement('fs-limits')
export class FsLimits extends LitElement {
  static override styles = [
    base,
    page,
    fields,
    stacked,
    css`
      :host {
        padding: 0;
      }
      .fields {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(220px, 100%), 1fr));
        gap: var(--fs-4);
        align-items: start;
      }
      .speed {
        display: grid;
        grid-template-columns: minmax(5em, 1fr) minmax(6em, auto);
        gap: var(--fs-2);
      }
      .hint {
        color: var(--fs-muted);
        font-size: var(--fs-small);
        line-height: 1.4;
      }
      .error svg {
        margin-top: 2px;
      }
    `,
  ];

  @property({ attribute: false }) devices: Device[] = [];
  /** This device. */
  @property() own = '';
  @state() private limits: BandwidthLimits | undefined;
  /** Whose limits are looked at; nothing for all devices. */
  @state() private device = '';
  @state() private entered: Record<Way, Typed> | undefined;
  @state() private errors: FieldError[] = [];
  @state() private failure = '';
  @state() private busy = false;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.load();
  }

  /** Asks the server anew; what is being typed stays. */
  async load(): Promise<void> {
    try {
      this.limits = await askForMe('bandwidthLimits', {});
      this.failure = '';
    } catch (error) {
      this.failure = refusalOf(error).message;
    }
  }

  override render(): TemplateResult {
    const { limits, failure } = this;
    return html`<section class="card" aria-labelledby="title">
      <h2 id="title">${msg('How fast')}</h2>
      ${limits ? this.form(limits) : failure ? html`<p class="muted">${visible(failure)}</p>` : loading}
    </section>`;
  }

  private form(limits: BandwidthLimits): TemplateResult {
    const { device, devices, own } = this;
    const active = devices.filter(({ revokedAt }) => !revokedAt);
    const others = [...limits.devices, ...active].map(({ deviceId }) => deviceId);
    const ids = [...new Set([own, ...others])];
    return html`<form novalidate @submit=${this.submit}>
      <p role="status">${inForce(limits, own)}</p>
      <div class="fields">
        <div>
          <label for="deviceId">${msg('Limits of')}</label>
          <select id="deviceId" @change=${(event: Event) => this.choose((event.target as HTMLSelectElement).value)}>
            <option value="" .selected=${device === ''}>${msg('All your devices')}</option>
            ${ids.map(id => html`<option value=${id} .selected=${id === device}>${deviceName(id, devices, own)}</option>`)}
          </select>
        </div>
        ${WAYS.map(({ name, label }) => this.field(name, label))}
      </div>
      <p class="hint" id="hint">${device ? msg('Leave a field empty, and what holds for all your devices holds for this one.') : msg('Leave a field empty for no limit.')}</p>
      ${this.failure ? html`<p class="error" role="alert">${icons.alert} ${visible(this.failure)}</p>` : nothing}
      <div class="actions">
        <button aria-disabled=${this.busy}>${this.busy ? msg('One moment…') : msg('Save the limits')}</button>
      </div>
    </form>`;
  }

  private field(name: Way, label: string): TemplateResult {
    const { text, unit } = this.values()[name];
    const wrong = this.errors.find(({ field }) => field === name)?.message;
    const put = (change: Partial<Typed>) => {
      const values = this.values();
      this.entered = { ...values, [name]: { ...values[name], ...change } };
      this.errors = this.errors.filter(({ field }) => field !== name);
    };
    const value = (event: Event) => (event.target as HTMLInputElement | HTMLSelectElement).value;
    return html`<div>
      <label for=${name}>${label}</label>
      <div class="speed">
        <input id=${name} inputmode="decimal" maxlength="16" autocomplete="off" placeholder=${msg('No limit')} aria-invalid=${wrong !== undefined}
          aria-describedby="hint ${name}-error" .value=${asShown(text)} @input=${(event: Event) => put({ text: value(event) })} />
        <select aria-label=${msg(str`Unit: ${label}`)} @change=${(event: Event) => put({ unit: Number(value(event)) })}>
          ${UNITS.map(([size, words]) => html`<option value=${size} .selected=${size === unit}>${words}</option>`)}
        </select>
      </div>
      <p class="error" id="${name}-error" ?hidden=${!wrong}>${wrong ? html`${icons.alert} ${visible(wrong)}` : nothing}</p>
    </div>`;
  }

  /** What is typed; until then what is set. */
  private values(): Record<Way, Typed> {
    if (this.entered) return this.entered;
    const set = this.device
      ? this.limits?.devices.find(({ deviceId }) => deviceId === this.device)
      : this.limits;
    return {
      uploadSpeedLimit: typed(set?.uploadSpeedLimit ?? null),
      downloadSpeedLimit: typed(set?.downloadSpeedLimit ?? null),
    };
  }

  private choose(device: string): void {
    this.device = device;
    this.entered = undefined;
    this.errors = [];
    this.failure = '';
  }

  private readonly submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (this.busy) return;
    const values = this.values();
    const up = limitOf(values.uploadSpeedLimit);
    const down = limitOf(values.downloadSpeedLimit);
    if (up === undefined || down === undefined) {
      const message = msg('Enter a number above 0, such as 500, or nothing for no limit.');
      const wrong = { uploadSpeedLimit: up, downloadSpeedLimit: down };
      return this.refuse(
        '',
        WAYS.filter(({ name }) => wrong[name] === undefined).map(({ name }) => ({ field: name, message })),
      );
    }
    this.busy = true;
    this.failure = '';
    try {
      const deviceId = this.device ? { deviceId: this.device } : {};
      const body = { ...deviceId, uploadSpeedLimit: up, downloadSpeedLimit: down };
      this.limits = await askForMe('setBandwidthLimit', { body });
      this.entered = undefined;
      this.errors = [];
      toast({ key: 'limits', kind: 'done', message: msg('The limits are saved.') });
    } catch (error) {
      const { message, fields: wrong = [] } = refusalOf(error);
      this.refuse(message, wrong);
    } finally {
      this.busy = false;
    }
  };

  private refuse(message: string, wrong: FieldError[]): void {
    this.failure = message;
    this.errors = wrong;
    const [first] = wrong;
    if (!first) return;
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector<HTMLElement>(`#${CSS.escape(first.field)}`)?.focus(),
    );
  }
}

/** In bytes a second; null for no limit, nothing where it is no number that can be one. */
function limitOf({ text, unit }: Typed): number | null | undefined {
  if (text.trim() === '') return null;
  const value = parseDecimal(text);
  if (typeof value !== 'number') return undefined;
  const limit = Math.round(value * unit);
  return limit >= 1 ? limit : undefined;
}

/** What holds for this device: its own limits go before those of all. */
function inForce(limits: BandwidthLimits, own: string): string {
  const mine = limits.devices.find(({ deviceId }) => deviceId === own);
  const up = mine?.uploadSpeedLimit ?? limits.uploadSpeedLimit;
  const down = mine?.downloadSpeedLimit ?? limits.downloadSpeedLimit;
  if (up === null && down === null) return msg('This device sends and receives as fast as the link allows.');
  const sends =
    up === null
      ? msg('This device sends as fast as the link allows.')
      : msg(str`This device sends at most ${speed(up)}.`);
  const takes =
    down === null
      ? msg('It receives as fast as the link allows.')
      : msg(str`It receives at most ${speed(down)}.`);
  return `${sends} ${takes}`;
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-limits': FsLimits;
  }
}
