import { msg } from '@lit/localize';
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { asCallError, connect } from '../lib/client';
import { focused } from '../lib/focus';
import type { Item, ItemId, Shelf } from '../lib/generated';
import { LiveController, live } from '../lib/live';
import { Properties } from '../lib/properties';
import { base } from './base';
import { icons } from './icons';
import './fs-item';

/** Items of one page. */
const PAGE = 50;
/** The most that one question to the engine answers. */
const MOST = 500;

/** The queue, or what is done: newest first, a page at a time. The slot is what stands there while it is empty. */
@customElement('fs-list')
export class FsList extends LitElement {
  static override styles = [
    base,
    css`
      ol {
        overflow: hidden;
        border: 1px solid var(--fs-line);
        border-radius: var(--fs-radius);
        list-style: none;
      }
      li:last-child fs-item {
        border-bottom: 0;
      }
      .foot {
        display: grid;
        margin-top: var(--fs-3);
      }
      .trouble {
        display: flex;
        gap: var(--fs-2);
        color: var(--fs-red);
      }
    `,
  ];

  @property() shelf: Shelf = 'queue';
  @state() private items: Item[] | undefined;
  @state() private more = false;
  @state() private failure = '';

  private readonly known = new Properties(this);
  /** The row that is to get the focus once it is there. */
  private awaited: ItemId | undefined;
  /** The row that had the focus before an update. */
  private focusedRow: Element | null = null;
  private wanted = PAGE;
  private shown = -1;
  private loading = false;

  constructor() {
    super();
    new LiveController(this, () => this.follow());
  }

  override render(): TemplateResult | typeof nothing {
    // Where the engine itself is missing, the page says so once, above.
    if (this.failure && !live.failure)
      return html`<p class="trouble" role="alert">${icons.alert} ${this.failure}</p>`;
    if (!this.items) return nothing;
    if (this.items.length === 0) return html`<slot></slot>`;
    return html`<ol role="list">
        ${repeat(
          this.items,
          item => item.id,
          item => html`<li><fs-item .item=${item} .known=${this.known.all}></fs-item></li>`,
        )}
      </ol>
      ${this.more ? html`<div class="foot"><button type="button" @click=${this.showMore}>${msg('Show more')}</button></div>` : nothing}`;
  }

  override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    this.focusedRow = this.shadowRoot?.activeElement ?? null;
  }

  override updated(): void {
    const row = this.awaited && this.renderRoot.querySelector<HTMLElement>(`[data-id="${this.awaited}"]`);
    if (row) {
      this.awaited = undefined;
      row.focus();
    } else if (this.focusedRow && !this.focusedRow.isConnected && !focused()) {
      // It was sent meanwhile, or removed in another tab.
      this.dispatchEvent(new CustomEvent('fs-row-gone', { bubbles: true, composed: true }));
    }
  }

  /** Gives the focus to this item's row, at once or as soon as it is listed. */
  focusOn(id: ItemId): void {
    this.awaited = id;
    this.requestUpdate();
  }

  private showMore(): void {
    this.wanted += PAGE;
    this.shown = -1;
    this.follow();
  }

  /** Loads anew when something has changed since; changes that come while it loads are caught by one more round. */
  private follow(): void {
    if (this.loading || this.shown === live.revision || live.failure) return;
    this.loading = true;
    void this.load().finally(() => {
      this.loading = false;
      if (this.isConnected) this.follow();
    });
  }

  private async load(): Promise<void> {
    const revision = live.revision;
    try {
      const client = await connect();
      const items: Item[] = [];
      let before: ItemId | undefined;
      do {
        const limit = Math.min(MOST, this.wanted - items.length);
        const page = await client.list({ shelf: this.shelf, limit, ...(before ? { before } : {}) });
        items.push(...page.items);
        before = page.next;
      } while (before && items.length < this.wanted);
      this.items = items;
      this.more = before !== undefined;
      this.failure = '';
    } catch (error) {
      this.failure = asCallError(error).message;
    }
    this.shown = revision;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-list': FsList;
  }
  interface HTMLElementEventMap {
    'fs-row-gone': CustomEvent;
  }
}
