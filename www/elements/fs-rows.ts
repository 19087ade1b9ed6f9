import { msg } from '@lit/localize';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { Awaited } from '../lib/focus';
import { when } from '../lib/format';
import type { ItemId } from '../lib/generated';
import type { Row } from '../lib/row';
import { base, stateColours } from './base';

/** Rows above and below what is seen, so that a quick thumb meets no hole. */
const OVER = 12;
/** A row's height; all are alike, so that what is seen of a hundred thousand is a division. */
const HEIGHT_REM = 4.25;

/** The rows from one to another are about to be seen. */
export type Need = CustomEvent<{ from: number; to: number }>;

/**
 * A list of which only what is in the window is in the document. Rows are links to what they are about; J and K, and within
 * the list the arrows, go down and up. What it may need it asks for with `fs-need`.
 */
@customElement('fs-rows')
export class FsRows extends LitElement {
  static override styles = [
    base,
    stateColours,
    css`
      ol {
        overflow: hidden;
        border: 1px solid var(--fs-line);
        border-radius: var(--fs-radius);
        background: var(--fs-surface);
        list-style: none;
      }
      a {
        display: grid;
        grid-template: 1fr 1fr / 1fr auto;
        gap: 2px var(--fs-3);
        height: 4.25rem;
        padding: var(--fs-2) var(--fs-4);
        overflow: hidden;
        border-bottom: 1px solid var(--fs-line);
        color: inherit;
        text-decoration: none;
        contain: strict;
      }
      a > * {
        min-width: 0;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        line-height: 1.35;
      }
      b {
        align-self: end;
        font-weight: 600;
      }
      .value {
        align-self: end;
        max-width: 11em;
        font-weight: 650;
        text-align: end;
      }
      .standing {
        display: flex;
        gap: 6px;
        font-size: var(--fs-small);
        font-weight: 550;
      }
      .standing svg {
        width: 18px;
        height: 18px;
        margin-top: 2px;
      }
      .standing span {
        min-width: 0;
        overflow: hidden;
        text-overflow: ellipsis;
      }
      .time {
        color: var(--fs-muted);
        font-size: var(--fs-small);
        text-align: end;
      }
      .high {
        margin-inline-end: var(--fs-1);
        padding: 1px 6px;
        border: 1.5px solid currentColor;
        border-radius: 6px;
        font-size: 0.7647rem;
        font-weight: 700;
        color: var(--fs-ink);
      }
      a:focus-visible {
        outline-offset: -4px;
        box-shadow: inset 0 0 0 5px var(--fs-focus-ink);
      }
      a[aria-current] {
        background: var(--fs-blue-tint);
        box-shadow: inset 4px 0 0 var(--fs-action);
      }
      a[aria-current]:dir(rtl) {
        box-shadow: inset -4px 0 0 var(--fs-action);
      }
      @media (hover: hover) {
        a:not([aria-current]):hover {
          background: var(--fs-sunken);
        }
      }
      @media (forced-colors: active) {
        a[aria-current] {
          outline: 2px solid Highlight;
          outline-offset: -3px;
        }
      }
    `,
  ];

  @property({ attribute: false }) rows: Row[] = [];
  /** Whether more may follow. */
  @property({ type: Boolean }) more = false;
  @property({ attribute: false }) selected: ItemId | undefined;
  @property({ attribute: false }) href: (id: ItemId) => string = id => `?item=${id}`;
  /** Whether J and K open what they come to, as there is room for it beside the list. */
  @property({ attribute: false }) open: ((id: ItemId) => void) | undefined;
  @state() private first = 0;
  @query('ol') private list: HTMLElement | undefined;
  private room = 20;
  private frame = 0;
  /** The row that gets the focus as soon as it is in the document. */
  private readonly awaited = new Awaited<ItemId>();
  /** The row that had the focus before an update. */
  private held: ItemId | undefined;
  private readonly scrolled = () => {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.look();
    });
  };
  private readonly keys = (event: KeyboardEvent) => this.key(event);

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('scroll', this.scrolled, { passive: true });
    addEventListener('resize', this.scrolled, { passive: true });
    document.addEventListener('keydown', this.keys);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('scroll', this.scrolled);
    removeEventListener('resize', this.scrolled);
    document.removeEventListener('keydown', this.keys);
    cancelAnimationFrame(this.frame);
    this.frame = 0;
  }

  override render(): TemplateResult | typeof nothing {
    const { rows } = this;
    if (rows.length === 0) return nothing;
    const { from, to } = this.shown;
    // What leaves the window at one end is used again at the other: nothing is made while someone scrolls.
    const most = this.room + 2 * OVER;
    const shown = rows.slice(from, to);
    // Tab stops at one row alone, and goes on behind the list, however long that is.
    const stop =
      [this.held, this.selected].find(id => shown.some(row => row.id === id)) ??
      rows[this.first]?.id ??
      shown[0]?.id;
    return html`<ol role="list" @focusin=${() => this.requestUpdate()}>
      ${repeat(
        shown,
        (_, at) => (from + at) % most,
        (row, at) =>
          html`<li aria-setsize=${this.more ? -1 : rows.length} aria-posinset=${from + at + 1}>${this.row(row, row.id === stop)}</li>`,
      )}
    </ol>`;
  }

  override willUpdate(): void {
    this.held = this.focused;
  }

  override updated(): void {
    const { list, held } = this;
    if (held && this.focused !== held) this.goOn(held);
    if (list) {
      const { from, to } = this.shown;
      list.style.paddingTop = `${from * height()}px`;
      list.style.paddingBottom = `${(this.rows.length - to) * height()}px`;
    }
    const awaited = this.awaited.get();
    const link = awaited && this.link(awaited);
    if (link) {
      this.awaited.set(undefined);
      link.focus({ preventScroll: true });
      link.scrollIntoView({ block: 'nearest' });
    }
    this.look();
  }

  /** Gives the focus to a row, once it is there. */
  focusOn(id: ItemId): void {
    this.awaited.set(id);
    const at = this.rows.findIndex(row => row.id === id);
    const { from, to } = this.shown;
    if (at >= 0 && (at < from || at >= to) && this.list) {
      scrollTo({ top: this.list.getBoundingClientRect().top + scrollY + (at - this.room / 3) * height() });
    }
    this.requestUpdate();
  }

  /** The row that had the focus is no longer where it was. */
  private goOn(held: ItemId): void {
    const has = this.shadowRoot?.activeElement as HTMLElement | null;
    // Scrolled away: the focus does not wander along with what shows another row by now.
    if (this.rows.some(({ id }) => id === held)) has?.blur();
    // It has gone: what came into its place has the focus, else the last row, else whatever the page gives it to.
    else if (has) return;
    else if (this.rows.length > 0) this.renderRoot.querySelector<HTMLElement>('li:last-child a')?.focus();
    else this.dispatchEvent(new CustomEvent('fs-row-gone', { bubbles: true, composed: true }));
  }

  private get focused(): ItemId | undefined {
    return (this.shadowRoot?.activeElement as HTMLElement | null)?.dataset.id;
  }

  private get shown(): { from: number; to: number } {
    const first = Math.max(0, Math.min(this.first, this.rows.length - this.room));
    return { from: Math.max(0, first - OVER), to: Math.min(this.rows.length, first + this.room + OVER) };
  }

  /** Finds what the window shows, and says so. */
  private look(): void {
    const top = this.list?.getBoundingClientRect().top ?? 0;
    this.room = Math.ceil(innerHeight / height());
    // Steps of a few rows: the document is not touched for every pixel.
    const first = Math.max(0, Math.floor(-top / height() / 4) * 4);
    if (this.list && first !== this.first) this.first = first;
    const detail = { from: this.first, to: this.first + this.room + 2 * OVER };
    this.dispatchEvent(new CustomEvent('fs-need', { detail }));
  }

  private row({ id, title, value, at, standing, urgency, state: where }: Row, stop: boolean): TemplateResult {
    const here = id === this.selected;
    return html`<a href=${this.href(id)} data-id=${id} data-state=${where} tabindex=${stop ? 0 : -1} aria-current=${here ? 'true' : nothing}>
      <b><bdi>${title}</bdi></b>
      <span class="value numbers"><bdi>${value}</bdi></span>
      <span class="standing ${standing.tone}">${standing.icon}<span>${standing.words}</span></span>
      <span class="time numbers">${urgency === 'HIGH' && where !== 'done' ? html`<span class="high">${msg('High')}</span>` : nothing}${when(at)}</span>
    </a>`;
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || !this.checkVisibility())
      return;
    const typing = event
      .composedPath()
      .some(node => node instanceof HTMLElement && node.matches('input, textarea, select, dialog'));
    const inside = this.focused !== undefined;
    const steps = { j: 1, k: -1, ...(inside ? { ArrowDown: 1, ArrowUp: -1 } : {}) };
    const step = (steps as Record<string, number>)[event.key];
    if (typing || step === undefined || this.rows.length === 0) return;
    event.preventDefault();
    const from = this.focused ?? this.selected;
    const at = this.rows.findIndex(row => row.id === from);
    // Beyond the last there is none: the focus comes to that one, wherever it was.
    const next = this.rows[at < 0 ? 0 : at + step] ?? this.rows[at];
    if (!next) return;
    this.open?.(next.id);
    this.focusOn(next.id);
  }

  private link(id: ItemId): HTMLElement | null {
    return this.renderRoot.querySelector(`[data-id="${CSS.escape(id)}"]`);
  }
}

let rem = 0;

/** Of a row, in pixels; text of another size makes other rows. */
function height(): number {
  rem ||= Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  return rem * HEIGHT_REM;
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-rows': FsRows;
  }
}
