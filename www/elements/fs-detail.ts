import { msg, str } from '@lit/localize';
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { asCallError, connect } from '../lib/client';
import { correctable } from '../lib/correctable';
import { ACTIONS, asObject, describe, TYPES, URGENCIES } from '../lib/describe';
import { fieldsOf, nameOf, said } from '../lib/fields';
import { Awaited } from '../lib/focus';
import { exactly, plural } from '../lib/format';
import type { Item, ItemId, ItemState } from '../lib/generated';
import { LiveController, live } from '../lib/live';
import { inlinePicture } from '../lib/pictures';
import { errorWords } from '../lib/said-by-engine';
import { standing } from '../lib/standing';
import { visible } from '../lib/text';
import { base, stateColours } from './base';
import { icons } from './icons';
import { page } from './page';
import './fs-pictures';

/** What a person wants done with the item: `fs-retry` and `fs-discard` bubble up with it. */
export type DetailAction = CustomEvent<{ item: Item }>;

/** All that is known of one item: where it stands, what happened to it, what is in it, and what can be done. */
@customElement('fs-detail')
export class FsDetail extends LitElement {
  static override styles = [
    base,
    stateColours,
    page,
    css`
      :host {
        padding: 0;
      }
      .what {
        display: flex;
        flex-wrap: wrap;
        align-items: baseline;
        justify-content: space-between;
        gap: 0 var(--fs-4);
      }
      .what h2 {
        overflow-wrap: anywhere;
      }
      .value {
        font-size: var(--fs-large);
        font-weight: 650;
      }
      .needs {
        margin-top: var(--fs-3);
        padding: var(--fs-3);
        border-inline-start: 4px solid var(--fs-red);
        background: var(--fs-red-tint);
        overflow-wrap: anywhere;
      }
      .needs.later {
        border-color: var(--fs-amber);
        background: var(--fs-amber-tint);
      }
      .needs ul {
        padding-inline-start: var(--fs-4);
      }
      .actions {
        margin-top: var(--fs-4);
      }
      .facts {
        display: grid;
        gap: var(--fs-2);
      }
      .facts div {
        display: grid;
        grid-template-columns: minmax(7em, 2fr) 5fr;
        gap: var(--fs-3);
      }
      .facts dt {
        color: var(--fs-muted);
        overflow-wrap: anywhere;
      }
      .facts dd {
        min-width: 0;
        overflow-wrap: anywhere;
        white-space: pre-wrap;
      }
      .line {
        position: relative;
        display: grid;
        gap: var(--fs-3);
        list-style: none;
      }
      .line li {
        position: relative;
        padding-inline-start: var(--fs-6);
      }
      .line li::before {
        content: '';
        position: absolute;
        top: 0.5em;
        inset-inline-start: 4px;
        width: 9px;
        height: 9px;
        border-radius: 50%;
        background: var(--fs-border);
      }
      .line li:not(:last-child)::after {
        content: '';
        position: absolute;
        top: calc(0.5em + 14px);
        bottom: calc(-0.5em - 7px);
        inset-inline-start: 8px;
        width: 1.5px;
        background: var(--fs-line);
      }
      .line span {
        display: block;
        color: var(--fs-muted);
        font-size: var(--fs-small);
      }
      progress {
        width: 100%;
        accent-color: var(--fs-blue);
      }
      fs-pictures,
      .picture {
        display: block;
        max-width: 100%;
        margin-top: var(--fs-3);
        border-radius: var(--fs-radius);
      }
      code {
        font-size: 0.8824em;
      }
      details summary {
        display: flex;
        align-items: center;
        min-height: var(--fs-target);
        font-weight: 600;
        cursor: pointer;
      }
    `,
  ];

  @property({ attribute: false }) itemId: ItemId | undefined;
  @state() private item: Item | undefined;
  @state() private failure = '';
  private seen = -1;
  private asking = false;
  /** It was given the focus before there was anything to have it. */
  private readonly awaited = new Awaited<boolean>();

  constructor() {
    super();
    new LiveController(this, () => void this.follow());
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('itemId')) return;
    this.seen = -1;
    void this.follow();
  }

  override focus(options?: FocusOptions): void {
    const heading = this.renderRoot.querySelector<HTMLElement>('h2, .empty');
    this.awaited.set(!heading || this.isUpdatePending);
    heading?.focus(options);
  }

  override updated(): void {
    if (this.awaited.get()) this.focus();
  }

  override render(): TemplateResult | typeof nothing {
    const { item } = this;
    if (this.failure)
      return html`<p class="empty" tabindex="-1"><b>${msg('It cannot be shown')}</b>${visible(this.failure)}</p>`;
    if (!item || item.id !== this.itemId) return nothing;
    const { title, value, sort } = describe(item);
    const { icon, tone, words } = standing(item);
    return html`<article class="card" aria-labelledby="what">
        <p class="small muted">${sort}</p>
        <div class="what">
          <h2 id="what" tabindex="-1"><bdi>${title}</bdi></h2>
          <p class="value numbers">${value}</p>
        </div>
        ${progress(item)}
        <p class="standing ${tone}">${icon}<span>${words}</span></p>
        ${this.trouble(item)} ${this.actions(item)}
      </article>
      <section class="card" aria-labelledby="happened">
        <h2 id="happened">${msg('What happened')}</h2>
        <ol class="line" role="list">
          ${history(item).map(([what, when, more]) => html`<li>${what}<span class="numbers">${when}${more ? html`<br>${more}` : nothing}</span></li>`)}
        </ol>
      </section>
      <section class="card" aria-labelledby="data">
        <h2 id="data">${item.patch === undefined ? msg('What is in it') : msg('What it changes')}</h2>
        ${facts(item.patch ?? item.data)} ${photo(item)}
        <fs-pictures .of=${item.entityId} .only=${item.type === 'MEDIA' && !isInline(item) ? item.entityId : undefined}></fs-pictures>
        ${item.patch !== undefined && item.data ? html`<details><summary>${msg('The whole record')}</summary>${facts(item.data)}</details>` : nothing}
      </section>
      <section class="card" aria-labelledby="support">
        <h2 id="support">${msg('For support')}</h2>
        <dl class="facts small">
          ${fact(msg('Sort'), `${ACTIONS[item.action]} · ${TYPES[item.type]}`)}
          ${fact(msg('Urgency'), `${URGENCIES[item.urgency]} (${plural(item.score, msg('# point|# points'))})`)}
          ${item.error?.code ? fact(msg('Code'), html`<code>${item.error.code}</code>`) : nothing}
          ${fact(msg('Id'), html`<code>${item.id}</code>`)} ${fact(msg('Record'), html`<code>${item.entityId}</code>`)}
          ${item.dependsOn ? fact(msg('Goes after'), html`<code>${item.dependsOn}</code>`) : nothing}
        </dl>
      </section>`;
  }

  private trouble({ state: where, error }: Item): TemplateResult | typeof nothing {
    if (!error || where === 'done') return nothing;
    const later = where !== 'conflict' && where !== 'setAside';
    return html`<div class="needs ${later ? 'later' : ''}">
      <p><bdi dir="auto">${visible(errorWords(error))}</bdi></p>
      ${error.fields?.length ? html`<ul>${error.fields.map(({ field, message }) => html`<li><b>${nameOf([field])}</b>: ${visible(message)}</li>`)}</ul>` : nothing}
    </div>`;
  }

  private actions(item: Item): TemplateResult | typeof nothing {
    const { state: where } = item;
    const correct = correctable(item);
    // Of a change that is all that is known here, nobody can tell what to respond to.
    const known = asObject(item.data)?.kind !== undefined && !item.receipt?.yielded;
    const respond = item.type === 'ASSESSMENT' && known && where !== 'setAside';
    const links = html`${correct ? html`<a class="button" href=${correct}>${icons.pencil} ${where === 'setAside' || item.type === 'READING' ? msg('Correct') : msg('Change')}</a>` : nothing}
      ${respond ? html`<a class="button" href="/assess/form?respond=${item.id}">${icons.plus} ${msg('Plan a response')}</a>` : nothing}`;
    if (where === 'done' || where === 'inFlight') {
      return item.type === 'READING' || item.type === 'MEDIA'
        ? nothing
        : html`<div class="actions">${links}</div>`;
    }
    const word = where === 'retryAt' ? msg('Send now') : msg('Send again');
    return html`<div class="actions">
      ${where === 'conflict' ? html`<a class="button" href="/sync/conflicts?item=${item.id}">${icons.sides} ${msg('Compare both')}</a>` : nothing}
      ${where === 'retryAt' || where === 'setAside' ? this.button('fs-retry', html`${icons.sync} ${word}`) : nothing}
      ${links}
      ${this.button('fs-discard', html`${icons.bin} ${msg('Discard')}`)}
    </div>`;
  }

  private button(event: 'fs-retry' | 'fs-discard', words: TemplateResult): TemplateResult {
    const ask = () => {
      const detail = { item: this.item };
      this.dispatchEvent(new CustomEvent(event, { detail, bubbles: true, composed: true }));
    };
    return html`<button type="button" @click=${ask}>${words}</button>`;
  }

  /** Looks the item up after every change. */
  private async follow(): Promise<void> {
    if (this.asking || !this.itemId || live.failure) return;
    this.asking = true;
    while (this.seen !== live.revision) {
      this.seen = live.revision;
      const id: ItemId = this.itemId;
      try {
        const item = await (await connect()).get(id);
        if (id !== this.itemId) this.seen = -1;
        else this.item = item;
        this.failure = '';
      } catch (error) {
        const { code, message } = asCallError(error);
        this.failure =
          code === 'not_found' ? msg('It was discarded, or its receipt has been kept long enough.') : message;
      }
    }
    this.asking = false;
  }
}

/** What an item came to be by an answer, or by a person. */
const TURNS: Partial<Record<ItemState, string>> = {
  pending: msg('Sent again by you'),
  blocked: msg('Sent again by you'),
  retryAt: msg('Tried, not taken yet'),
  conflict: msg('The server has another one'),
  setAside: msg('Set aside'),
};

/** What is known of an item's way, oldest first. */
function history(item: Item): [string, string, string?][] {
  const { state: where, createdAt, due, error, receipt } = item;
  const all: [string, string, string?][] = [[msg('Saved on this device'), exactly(createdAt)]];
  const turns = item.history ?? [];
  for (const [at, turn] of turns.entries()) {
    // What was wrong last is known by its code too, and so in this language.
    const known = error && at === turns.length - 1 ? errorWords(error) : turn.message;
    all.push([TURNS[turn.state] ?? msg('Sent'), exactly(turn.at), known ? visible(known) : '']);
  }
  if (where === 'inFlight') all.push([msg('On its way'), msg('now')]);
  if (where === 'retryAt' && due !== undefined) all.push([msg('Goes again by itself'), exactly(due)]);
  if (where === 'blocked')
    all.push([msg('Waits for an earlier entry'), msg('until that one is on the server')]);
  if (where === 'conflict') all.push([msg('Waits for your choice'), msg('now')]);
  if (where === 'setAside') all.push([msg('Waits for you; it is not lost'), msg('now')]);
  if (receipt?.yielded) all.push([msg('Given up for the server’s'), exactly(receipt.at)]);
  else if (receipt)
    all.push([
      msg('Confirmed by the server'),
      exactly(receipt.at),
      msg(str`Version ${receipt.version} of the record`),
    ]);
  return all;
}

const isInline = ({ data }: Item): boolean => inlinePicture(asObject(data) ?? {}) !== undefined;

/** The picture itself, of an item that carries one. */
function photo({ type, data }: Item): TemplateResult | typeof nothing {
  const address = type === 'MEDIA' ? inlinePicture(asObject(data) ?? {}) : undefined;
  return address ? html`<img class="picture" src=${address} alt=${msg('Photo')} />` : nothing;
}

/** How far a file has come. */
function progress({ state, upload }: Item): TemplateResult | typeof nothing {
  if (!upload || state === 'done') return nothing;
  return html`<progress max=${upload.size} value=${upload.sent} aria-label=${msg('Sent so far')}></progress>`;
}

const fact = (name: string, value: unknown): TemplateResult =>
  html`<div><dt>${name}</dt><dd>${value}</dd></div>`;

function facts(record: unknown): TemplateResult {
  const all = fieldsOf(record);
  if (all.length === 0) return html`<p class="muted">${msg('Nothing: the record is removed.')}</p>`;
  return html`<dl class="facts">
    ${all.map(({ path, value }) => fact(nameOf(path), html`<bdi dir="auto">${said(path, value)}</bdi>`))}
  </dl>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-detail': FsDetail;
  }
  interface HTMLElementEventMap {
    'fs-retry': DetailAction;
  }
}
