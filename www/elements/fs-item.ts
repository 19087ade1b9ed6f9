import { msg, str } from '@lit/localize';
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { correctable } from '../lib/correctable';
import { describe } from '../lib/describe';
import { isField, LABELS } from '../lib/entry';
import { exactly, month, number, numbers, when } from '../lib/format';
import type { Item, Reading } from '../lib/generated';
import { meterOf, type Property } from '../lib/meters';
import { readingOf, serverReading } from '../lib/reading';
import { errorWords } from '../lib/said-by-engine';
import { standing } from '../lib/standing';
import { visible } from '../lib/text';
import { base, stateColours } from './base';
import { itemStyles } from './fs-item.styles';
import { icons } from './icons';

/** Characters of a note that fit into a row at any width. */
const SHORT = 60;

/** What a person can do with an item: `fs-correct`, `fs-discard`, `fs-keep-mine`, `fs-keep-theirs` bubble up with it. */
export type ItemAction = CustomEvent<{ item: Item }>;

/**
 * One item with its ticks: one when it is saved here, two with the server's receipt, a clock while it waits, a mark when
 * it needs the person. `data-id` and `data-state` are for styles and tests.
 */
@customElement('fs-item')
export class FsItem extends LitElement {
  static override styles = [base, itemStyles, stateColours];

  @property({ attribute: false }) item: Item | undefined;
  /** For the physical unit beside the value, where it is known. */
  @property({ attribute: false }) known: Property[] = [];

  override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('item') || !this.item) return;
    this.dataset.id = this.item.id;
    this.dataset.state = this.item.state;
    const receivedAt = this.item.receipt?.at ?? 0;
    this.toggleAttribute('data-fresh', Date.now() - receivedAt < 3_000);
  }

  override focus(options?: FocusOptions): void {
    this.renderRoot.querySelector('article')?.focus(options);
  }

  override render(): TemplateResult | typeof nothing {
    const { item } = this;
    if (!item) return nothing;
    const reading = readingOf(item);
    const { title, value, sort } = describe(item);
    return html`<article tabindex="-1" aria-label=${reading ? visible(`${reading.property}, ${reading.unit}`, 80) : title}>
      <div class="what">
        <h3 part="title">${reading ? place(reading) : html`<bdi>${title}</bdi>`}</h3>
        <p class="value numbers" part="value">${reading ? html`${number(reading.value)}${this.physical(reading)}` : value}</p>
      </div>
      <p class="small muted">
        ${reading ? html`${month(reading.period) ?? html`<bdi>${visible(reading.period, 40)}</bdi>`} · ` : `${sort} · `}${msg(str`entered ${when(item.createdAt)}`)}
      </p>
      ${reading?.note ? html`<p class="note small"><bdi dir="auto">${visible(reading.note)}</bdi></p>` : nothing}
      ${this.details(item)} ${this.needs(item, reading)}
    </article>`;
  }

  private physical(reading: Reading): TemplateResult | typeof nothing {
    const meter = meterOf(this.known, reading);
    return meter?.unit ? html` <span class="physical">${visible(meter.unit, 12)}</span>` : nothing;
  }

  private standing(item: Item): TemplateResult {
    const { icon, tone, words } = standing(item);
    const trouble = item.state === 'retryAt' && item.error ? visible(errorWords(item.error)) : undefined;
    const extra = trouble ? html`<span class="muted"> · ${trouble}</span>` : nothing;
    return html`<span class="standing ${tone}" part="standing">${icon}<span>${words}${extra}</span></span>`;
  }

  private needs(item: Item, reading: Reading | undefined): TemplateResult | typeof nothing {
    if (item.state === 'conflict') return this.conflict(item, reading);
    if (item.state !== 'setAside') return nothing;
    return html`<div class="needs" part="needs">
      ${item.error ? html`<p><bdi dir="auto">${visible(errorWords(item.error))}</bdi></p>` : nothing}
      ${
        item.error?.fields?.length
          ? html`<ul>
            ${item.error.fields.map(
              ({ field, message }) =>
                html`<li><b>${isField(field) ? LABELS[field] : visible(field, 40)}</b>: ${visible(message)}</li>`,
            )}
          </ul>`
          : nothing
      }
      <div class="actions" part="actions">${correctable(item) ? this.button('fs-correct', msg('Correct')) : nothing} ${this.button('fs-discard', msg('Discard'))}</div>
    </div>`;
  }

  private conflict(item: Item, mine: Reading | undefined): TemplateResult {
    const theirs = serverReading(item);
    const [yours = '', other = ''] = mine && theirs ? numbers(mine.value, theirs.value) : [];
    const values =
      mine && theirs
        ? html`<dl class="sides">
          <div><dt>${msg('Yours')}</dt><dd class="numbers">${yours}</dd></div>
          <div><dt>${msg('On the server')}</dt><dd class="numbers">${other}</dd></div>
        </dl>`
        : nothing;
    return html`<div class="needs" part="needs">
      ${item.error ? html`<p><bdi dir="auto">${visible(errorWords(item.error))}</bdi></p>` : nothing} ${values}
      <p class="small">${msg('Was it read at another meter? Then correct its codes.')}</p>
      <div class="actions" part="actions">${this.button('fs-keep-mine', msg('Keep mine'))} ${this.button('fs-keep-theirs', msg('Keep the server’s'))} ${this.button('fs-correct', msg('Correct'))}</div>
    </div>`;
  }

  private details(item: Item): TemplateResult {
    const row = (name: string, value: unknown) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
    const { note = '' } = readingOf(item) ?? {};
    const long = note.length > SHORT || note.includes('\n');
    const movable = item.state === 'pending' || item.state === 'retryAt';
    return html`<details>
      <summary class="small">${this.standing(item)}<span class="more">${icons.down}<span class="unseen">${msg('Details')}</span></span></summary>
      <dl class="facts small">
        ${long ? row(msg('Note'), html`<bdi class="whole" dir="auto">${visible(note, 2_000)}</bdi>`) : nothing}
        ${row(msg('Entered'), exactly(item.createdAt))}
        ${item.receipt ? row(msg('Received'), `${exactly(item.receipt.at)} (${item.receipt.status})`) : nothing}
        ${item.retryCount > 0 ? row(msg('Tries so far'), item.retryCount) : nothing}
        ${item.lastAttempt && !item.receipt ? row(msg('Last try'), exactly(item.lastAttempt)) : nothing}
        ${item.error ? row(msg('Last answer'), visible(errorWords(item.error))) : nothing}
        ${item.error?.code ? row(msg('Code'), item.error.code) : nothing} ${row(msg('Id'), html`<code>${item.id}</code>`)}
      </dl>
      ${
        movable
          ? html`<div class="actions" part="actions">${correctable(item) ? this.button('fs-correct', msg('Correct')) : nothing} ${this.button('fs-discard', msg('Discard'))}</div>`
          : nothing
      }
    </details>`;
  }

  private button(event: Deed, word: string, tone = ''): TemplateResult {
    const ask = () => {
      const detail = { item: this.item };
      this.dispatchEvent(new CustomEvent(event, { detail, bubbles: true, composed: true }));
    };
    return html`<button type="button" class=${tone} @click=${ask}>${word}</button>`;
  }
}

type Deed = 'fs-correct' | 'fs-discard' | 'fs-keep-mine' | 'fs-keep-theirs';

function place(reading: Reading): TemplateResult {
  const codes = [reading.property, reading.unit, ...(reading.meter ? [reading.meter] : [])];
  return html`${codes.map(
    (code, at) =>
      html`${at > 0 ? html`<span class="muted"> · </span>` : nothing}<bdi>${visible(code, 80)}</bdi>`,
  )}`;
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-item': FsItem;
  }
  interface HTMLElementEventMap {
    'fs-correct': ItemAction;
    'fs-discard': ItemAction;
    'fs-keep-mine': ItemAction;
    'fs-keep-theirs': ItemAction;
  }
}
