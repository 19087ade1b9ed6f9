import { msg } from '@lit/localize';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { base, stateColours } from '../elements/base';
import { type FsRows, loading, type Need } from '../elements/fs-rows';
import { icons } from '../elements/icons';
import { fields, page } from '../elements/page';
import { split } from '../elements/split';
import { asCallError, connect } from '../lib/client';
import { plural } from '../lib/format';
import type { ItemId } from '../lib/generated';
import { LiveController, live } from '../lib/live';
import { Paged } from '../lib/paged';
import { Address, go } from '../lib/router';
import { has, type Row, rowOf } from '../lib/row';
import { saveItems } from '../lib/save-file';
import { toast } from '../lib/toast';
import '../elements/fs-detail';

/** Rows that are asked for before it is known how many fit into the window. */
const SOON = 30;

/** What the server has confirmed: what, when, under which id. */
@customElement('fs-receipts')
export class FsReceipts extends LitElement {
  static override styles = [base, stateColours, page, fields, split];

  @state() private search = '';
  @state() private days = 0;
  @query('h1') private heading!: HTMLElement;
  @query('#search') private field!: HTMLInputElement;
  @query('fs-rows') private list!: FsRows | null;

  private readonly address = new Address(this);
  private items = this.paged();
  private readonly wide = matchMedia('(min-width: 1100px)');
  private readonly keys = (event: KeyboardEvent) => this.key(event);

  constructor() {
    super();
    new LiveController(this, () => this.items.want(0, SOON));
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('keydown', this.keys);
    connect()
      .then(client => client.settings())
      .then(({ receiptDays }) => {
        this.days = receiptDays;
      })
      .catch(() => {}); // how long they are kept is only said where it is known
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('keydown', this.keys);
    this.items.close();
  }

  override focus(options?: FocusOptions): void {
    this.heading.focus(options);
  }

  override render(): TemplateResult {
    const item = this.address.get('item');
    const { items } = this;
    return html`<div class="split ${item ? 'open' : ''}">
      <div class="head">
        <div>
          <h1 tabindex="-1">${msg('Receipts')}</h1>
          <p class="lead">${msg('What the server has confirmed.')}${this.days ? html` ${plural(this.days, msg('Kept for # day.|Kept for # days.'))} <a href="/sync/settings">${msg('Change that')}</a>` : nothing}</p>
        </div>
        ${items.rows.length > 0 ? html`<button type="button" @click=${this.save}>${icons.save} ${msg('Save a file')}</button>` : nothing}
      </div>
      <div class="list">
        <div class="tools" role="search">
          <div class="search">
            ${icons.search}
            <input id="search" type="search" placeholder=${msg('Search')} aria-label=${msg('Search the receipts')} maxlength="100"
              enterkeyhint="search" .value=${this.search} @input=${this.type} />
          </div>
        </div>
        ${this.rows(item)}
      </div>
      <div class="pane">
        ${
          item
            ? html`<fs-detail .itemId=${item}></fs-detail>`
            : items.rows.length > 0
              ? html`<p class="empty"><b>${msg('Nothing chosen')}</b>${msg('Choose a receipt to see what was accepted, when, and under which id.')}</p>`
              : nothing
        }
      </div>
    </div>`;
  }

  private rows(item: ItemId | undefined): TemplateResult {
    const { items } = this;
    if (items.failure && !live.failure)
      return html`<p class="trouble" role="alert">${icons.alert} ${items.failure}</p>`;
    if (!items.ready) return loading;
    const { rows, more } = items;
    if (rows.length === 0 && !more) {
      return this.search
        ? html`<p class="empty"><b>${msg('Nothing like that among the receipts')}</b></p>`
        : html`<p class="empty"><b>${msg('No receipts yet')}</b>${msg('When the server has confirmed an entry, it stands here with two ticks.')}</p>`;
    }
    const sum = more
      ? plural(rows.length, msg('# so far, newest entries first|# so far, newest entries first'))
      : plural(rows.length, msg('# receipt, newest entries first|# receipts, newest entries first'));
    return html`<p class="sum numbers" role="status">${sum}</p>
      <fs-rows .rows=${rows} .more=${more} .selected=${item}
        .href=${(id: ItemId) => this.address.with('item', id)}
        .open=${this.wide.matches ? this.open : undefined}
        @fs-need=${this.need}></fs-rows>`;
  }

  private paged(): Paged<Row> {
    const { search } = this;
    return new Paged(
      { shelf: 'done' },
      item => {
        const row = rowOf(item);
        return has(item, row, search) ? row : undefined;
      },
      () => this.requestUpdate(),
    );
  }

  private need({ detail: { from, to } }: Need): void {
    this.items.want(from, to);
  }

  private type(event: Event): void {
    this.search = (event.target as HTMLInputElement).value.trim();
    this.items.close();
    this.items = this.paged();
    this.items.want(0, SOON);
  }

  private readonly open = (id: ItemId): void => go(this.address.with('item', id), { replace: true });

  private async save(): Promise<void> {
    try {
      const n = await saveItems(await connect(), { shelf: 'done' }, 'receipts');
      toast({
        kind: 'done',
        message: plural(n, msg('Saved a file with # receipt.|Saved a file with # receipts.')),
      });
    } catch (error) {
      toast({ kind: 'trouble', message: asCallError(error).message });
    }
  }

  private key(event: KeyboardEvent): void {
    const typing = event
      .composedPath()
      .some(node => node instanceof HTMLElement && node.matches('input, textarea, select, dialog'));
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || typing) return;
    const item = this.address.get('item');
    if (event.key === '/') {
      event.preventDefault();
      this.field.focus();
    } else if (event.key === 'Escape' && item) {
      go(this.address.with('item', undefined));
      this.list?.focusOn(item);
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-receipts': FsReceipts;
  }
}
