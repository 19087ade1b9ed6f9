import { msg } from '@lit/localize';
import { css, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { asCallError } from '../lib/call-error';
import type { Fieldsync } from '../lib/client';
import { Awaited, focused } from '../lib/focus';
import type { Item, ItemId, Shelf } from '../lib/generated';
import type { Property } from '../lib/meters';
import { type Live, LiveController } from '../lib/source';
import { base } from './base';
import { icons } from './icons';
import { Unhurried } from './unhurried';
import './fs-item';

/** Items of one page. */
const PAGE = 50;
/** The most that one question to the engine answers. */
const MOST = 500;

/** The queue, or what is done: newest first, a page at a time. The slot is what stands there while it is empty. */
@customElement('fs-list')
export class FsList extends Unhurried {
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
  /** Whose items they are; in the app the page's own engine's. */
  @property({ attribute: false }) client: Fieldsync | undefined;
  /** The items themselves, where there is no engine. */
  @property({ attribute: false }) items: Item[] | undefined;
  /** What is known of meters, for the physical units beside their values. */
  @property({ attribute: false }) known: Property[] = [];
  @state() private loaded: Item[] | undefined;
  @state() private more = false;
  @state() private failure = '';

  /** The row that is to get the focus once it is there. */
  private readonly awaited = new Awaited<ItemId>();
  /** The row that had the focus before an update. */
  private focusedRow: Element | null = null;
  private wanted = PAGE;
  /** What is shown: of which engine, as of when, and how much of it. */
  private shown: { live: Live; revision: number; shelf: Shelf; wanted: number } | undefined;
  private loading = false;
  private readonly source = new LiveController(this, () => this.follow());

  override render(): TemplateResult | typeof nothing {
    const items = this.items ?? this.loaded;
    // Where the engine itself is missing, the page says so once, above.
    if (this.failure && !this.items && !this.source.live?.failure)
      return html`<p class="trouble" part="trouble" role="alert">${icons.alert} ${this.failure}</p>`;
    if (!items) return nothing;
    if (items.length === 0) return html`<slot></slot>`;
    return html`<ol role="list" part="list">
        ${repeat(
          items,
          item => item.id,
          item =>
            html`<li><fs-item part="item" exportparts="title, value, standing, needs, actions" .item=${item} .known=${this.known}></fs-item></li>`,
        )}
      </ol>
      ${this.more && !this.items ? html`<div class="foot"><button type="button" part="more" @click=${this.showMore}>${msg('Show more')}</button></div>` : nothing}`;
  }

  override willUpdate(changed: PropertyValues<this>): void {
    super.willUpdate(changed);
    if (changed.has('shelf')) this.follow();
    this.focusedRow = this.shadowRoot?.activeElement ?? null;
  }

  override updated(): void {
    const awaited = this.awaited.get();
    const row = [...this.renderRoot.querySelectorAll('fs-item')].find(({ item }) => item?.id === awaited);
    if (awaited && row) {
      this.awaited.set(undefined);
      // What has just come is still to be drawn, and has nothing until then that the focus could be on.
      void row.updateComplete.then(() => row.focus());
    } else if (this.focusedRow && !this.focusedRow.isConnected && !focused()) {
      // It was sent meanwhile, or removed in another tab.
      this.dispatchEvent(new CustomEvent('fs-row-gone', { bubbles: true, composed: true }));
    }
  }

  /** Gives the focus to this item's row, at once or as soon as it is listed. */
  focusOn(id: ItemId): void {
    this.awaited.set(id);
    this.requestUpdate();
  }

  private showMore(): void {
    this.wanted += PAGE;
    this.follow();
  }

  /** Loads anew when something has changed since; changes that come while it loads are caught by one more round. */
  private follow(): void {
    const { shown, shelf, wanted } = this;
    const { live } = this.source;
    if (!live || this.items || this.loading || live.failure) return;
    const fresh = shown?.live === live && shown.revision === live.revision;
    if (fresh && shown.shelf === shelf && shown.wanted === wanted) return;
    this.loading = true;
    void this.load(live).finally(() => {
      this.loading = false;
      if (this.isConnected) this.follow();
    });
  }

  private async load(live: Live): Promise<void> {
    const { shelf, wanted } = this;
    const { revision } = live;
    try {
      const client = await live.client();
      const items: Item[] = [];
      let before: ItemId | undefined;
      do {
        const limit = Math.min(MOST, wanted - items.length);
        const page = await client.list({ shelf, limit, ...(before ? { before } : {}) });
        items.push(...page.items);
        before = page.next;
      } while (before && items.length < wanted);
      this.loaded = items;
      this.more = before !== undefined;
      this.failure = '';
    } catch (error) {
      this.failure = asCallError(error).message;
    }
    this.shown = { live, revision, shelf, wanted };
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
