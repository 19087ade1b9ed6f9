import { msg, str } from '@lit/localize';
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { correctable } from '../lib/correctable';
import { asObject, describe, TYPES } from '../lib/describe';
import {
  type FieldOf,
  fieldsOf,
  nameOf,
  type Path,
  said,
  sameValue,
  valueAt,
  withValue,
} from '../lib/fields';
import { plural, when } from '../lib/format';
import type { Item, ServerItem } from '../lib/generated';
import { errorWords } from '../lib/said-by-engine';
import { visible } from '../lib/text';
import { base, stateColours } from './base';
import { icons } from './icons';
import { fields, page } from './page';

type Side = 'mine' | 'theirs';

/** What the person decided; `fs-choose` bubbles up with it. */
export type Chosen = CustomEvent<{
  item: Item;
  choice: { choice: 'mine' } | { choice: 'theirs' } | { choice: 'merged'; data: unknown };
}>;

/** One conflict: both sides field by field. One side can be taken whole, or each field from either. */
@customElement('fs-conflict')
export class FsConflict extends LitElement {
  static override styles = [
    base,
    stateColours,
    page,
    fields,
    css`
      :host {
        padding: 0;
      }
      article h2#what {
        margin: 0;
        font-size: var(--fs-large);
      }
      .why {
        margin-top: var(--fs-2);
      }
      .whole {
        display: grid;
        grid-template-columns: 1fr 1fr;
        gap: var(--fs-2);
        margin-top: var(--fs-4);
      }
      fieldset {
        min-width: 0;
        margin: 0;
        padding: var(--fs-3) 0;
        border: 0;
        border-top: 1px solid var(--fs-line);
      }
      legend {
        float: inline-start;
        width: 100%;
        margin-bottom: var(--fs-1);
        padding: 0;
        font-weight: 600;
      }
      .sides {
        clear: both;
        display: grid;
        grid-template-columns: 1fr 1fr;
        gap: var(--fs-2);
      }
      label {
        display: grid;
        grid-template-columns: auto 1fr;
        gap: 0 var(--fs-2);
        align-content: start;
        min-width: 0;
        min-height: 64px;
        padding: var(--fs-2) var(--fs-3);
        border: 1.5px solid var(--fs-border);
        border-radius: var(--fs-radius);
        cursor: pointer;
      }
      label:has(:checked) {
        border-color: var(--fs-action);
        box-shadow: inset 0 0 0 1.5px var(--fs-action);
        background: var(--fs-blue-tint);
      }
      label:has(:focus-visible) {
        outline: 3px solid var(--fs-focus);
        outline-offset: 1px;
      }
      label input:focus-visible {
        outline: 0;
        box-shadow: none;
      }
      label .who {
        align-self: center;
        color: var(--fs-muted);
        font-size: var(--fs-small);
      }
      label .what {
        grid-column: 1 / -1;
        margin-top: var(--fs-1);
        font-weight: 600;
        overflow-wrap: anywhere;
        white-space: pre-wrap;
      }
      .same {
        display: grid;
        gap: var(--fs-1);
        padding: var(--fs-1) 0 var(--fs-2);
      }
      .same div {
        display: grid;
        grid-template-columns: minmax(7em, 2fr) 5fr;
        gap: var(--fs-3);
      }
      .same dt {
        color: var(--fs-muted);
      }
      .same dd {
        overflow-wrap: anywhere;
      }
      summary {
        display: flex;
        align-items: center;
        gap: var(--fs-2);
        min-height: var(--fs-target);
        font-weight: 600;
        cursor: pointer;
      }
      .done {
        margin-top: var(--fs-3);
      }
      .done button {
        width: 100%;
        min-height: 48px;
      }
      @media (max-width: 479px) {
        .whole {
          grid-template-columns: 1fr;
        }
      }
    `,
  ];

  @property({ attribute: false }) item: Item | undefined;
  @state() private chosen = new Map<string, Side>();

  override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('item');
    if (!changed.has('item') || before?.id === this.item?.id) return;
    // A change names what it changes; of the rest the server's is newer.
    const patch = this.item?.patch;
    const differing = this.differing().map(({ path }) => path);
    this.chosen = new Map(
      patch === undefined
        ? []
        : differing.map(path => [key(path), valueAt(patch, path) === undefined ? 'theirs' : 'mine']),
    );
  }

  override focus(options?: FocusOptions): void {
    this.renderRoot.querySelector<HTMLElement>('h2')?.focus(options);
  }

  override render(): TemplateResult | typeof nothing {
    const { item } = this;
    if (!item) return nothing;
    const { title, sort } = describe(item);
    const noun = TYPES[item.type].toLowerCase();
    const theirs = asObject(item.serverItem) as Partial<ServerItem> | undefined;
    const gone = theirs?.deleted === true;
    const removes = item.action === 'DELETE';
    const correct = correctable(item);
    const changed = theirs?.updatedAt
      ? ` ${msg(str`The server has its own since ${when(theirs.updatedAt)}.`)}`
      : '';
    return html`<article class="card" aria-labelledby="what">
        <p class="small muted">${sort} · ${msg(str`yours of ${when(item.createdAt)}`)}</p>
        <h2 id="what" tabindex="-1"><bdi>${title}</bdi></h2>
        <p class="why">
          ${
            gone
              ? msg(str`The ${noun} was deleted on the server after you had changed it.`)
              : removes
                ? msg(str`You deleted this ${noun}. On the server it was changed meanwhile.`)
                : `${item.error ? visible(errorWords(item.error)) : msg(str`The server has another ${noun}.`)}${changed}`
          }
        </p>
        <div class="whole">
          <button type="button" @click=${() => this.choose({ choice: 'mine' })}>${removes ? msg('Delete it') : msg('Keep mine')}</button>
          <button type="button" @click=${() => this.choose({ choice: 'theirs' })}>
            ${gone ? msg('Leave it deleted') : msg('Keep the server’s')}
          </button>
        </div>
        ${correct && item.action === 'CREATE' ? html`<p class="small why">${msg('Was it read at another meter?')} <a href=${correct}>${msg('Correct its codes')}</a></p>` : nothing}
      </article>
      ${gone || removes ? nothing : this.merge(item)}`;
  }

  private merge(item: Item): TemplateResult {
    const differing = this.differing();
    const same = fieldsOf(item.data).filter(({ path, value }) =>
      sameValue(value, valueAt(theirsOf(item), path)),
    );
    const open = differing.filter(({ path }) => !this.chosen.has(key(path))).length;
    return html`<section class="card" aria-labelledby="merge">
      <h2 id="merge">${msg('Or choose field by field')}</h2>
      ${differing.map(field => this.field(field))}
      <div class="done">
        <button type="button" class="main" aria-disabled=${open > 0} @click=${this.save}>
          ${open > 0 ? plural(open, msg('Choose for # more field|Choose for # more fields')) : msg('Save this choice')}
        </button>
      </div>
      ${
        same.length > 0
          ? html`<details>
              <summary>${icons.down} ${plural(same.length, msg('# field is the same|# fields are the same'))}</summary>
              <dl class="same">${same.map(({ path, value }) => html`<div><dt>${nameOf(path)}</dt><dd>${said(path, value)}</dd></div>`)}</dl>
            </details>`
          : nothing
      }
    </section>`;
  }

  private field({ path }: FieldOf): TemplateResult {
    const name = key(path);
    const side = (which: Side, who: string, record: unknown) => html`<label>
      <input type="radio" name=${name} .checked=${this.chosen.get(name) === which} @change=${() => this.take(path, which)} />
      <span class="who">${who}</span>
      <bdi class="what numbers" dir="auto">${said(path, valueAt(record, path))}</bdi>
    </label>`;
    return html`<fieldset>
      <legend>${nameOf(path)}</legend>
      <div class="sides">
        ${side('mine', msg('Yours'), this.item?.data)} ${side('theirs', msg('Server’s'), theirsOf(this.item))}
      </div>
    </fieldset>`;
  }

  /** The first choice is taken for the other fields too: mostly one side is right, but for a field. */
  private take(path: Path, side: Side): void {
    const chosen = new Map(this.chosen);
    if (chosen.size === 0) for (const { path: other } of this.differing()) chosen.set(key(other), side);
    chosen.set(key(path), side);
    this.chosen = chosen;
  }

  private save(): void {
    const differing = this.differing();
    if (differing.some(({ path }) => !this.chosen.has(key(path)))) return;
    const theirs = theirsOf(this.item);
    let data: unknown = this.item?.data;
    for (const { path } of differing) {
      if (this.chosen.get(key(path)) === 'theirs') data = withValue(data, path, valueAt(theirs, path));
    }
    if (sameValue(data, this.item?.data)) this.choose({ choice: 'mine' });
    else this.choose({ choice: 'merged', data });
  }

  private choose(choice: Chosen['detail']['choice']): void {
    const detail = { item: this.item, choice };
    this.dispatchEvent(new CustomEvent('fs-choose', { detail, bubbles: true, composed: true }));
  }

  /** The fields in which the sides differ, in the order of mine. */
  private differing(): FieldOf[] {
    const mine = this.item?.data;
    const theirs = theirsOf(this.item);
    const all = new Map([...fieldsOf(mine), ...fieldsOf(theirs)].map(field => [key(field.path), field]));
    return [...all.values()].filter(({ path }) => !sameValue(valueAt(mine, path), valueAt(theirs, path)));
  }
}

const key = (path: Path): string => JSON.stringify(path);

const theirsOf = (item: Item | undefined): unknown => asObject(item?.serverItem)?.data;

declare global {
  interface HTMLElementTagNameMap {
    'fs-conflict': FsConflict;
  }
}
