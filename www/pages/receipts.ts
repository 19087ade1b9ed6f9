import { msg } from '@lit/localize';
import { html, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { icons } from '../elements/icons';
import { ListPage } from '../elements/list-page';
import { asCallError, connect } from '../lib/client';
import { plural } from '../lib/format';
import { LiveController, live } from '../lib/live';
import { Paged } from '../lib/paged';
import { has, type Row, rowOf } from '../lib/row';
import { saveItems } from '../lib/save-file';
import { toast } from '../lib/toast';
import '../elements/fs-detail';

/** What the server has confirmed: what, when, under which id. */
@customElement('fs-receipts')
export class FsReceipts extends ListPage {
  @state() private days = 0;

  constructor() {
    super();
    new LiveController(this, () => this.look());
  }

  override connectedCallback(): void {
    super.connectedCallback();
    connect()
      .then(client => client.settings())
      .then(({ receiptDays }) => {
        this.days = receiptDays;
      })
      .catch(() => {}); // how long they are kept is only said where it is known
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
          ${this.searchField(msg('Search the receipts'))}
        </div>
        ${this.rows()}
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

  private rows(): TemplateResult {
    const { items } = this;
    if (items.failure && !live.failure)
      return html`<p class="trouble" role="alert">${icons.alert} ${items.failure}</p>`;
    if (!items.ready) return this.listed();
    const { rows, more } = items;
    if (rows.length === 0 && !more) {
      return this.search
        ? html`<p class="empty"><b>${msg('Nothing like that among the receipts')}</b></p>`
        : html`<p class="empty"><b>${msg('No receipts yet')}</b>${msg('When the server has confirmed an entry, it stands here with two ticks.')}</p>`;
    }
    const sum = more
      ? plural(rows.length, msg('# so far, newest entries first|# so far, newest entries first'))
      : plural(rows.length, msg('# receipt, newest entries first|# receipts, newest entries first'));
    return html`<p class="sum numbers" role="status">${sum}</p> ${this.listed()}`;
  }

  protected override paged(): Paged<Row> {
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
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-receipts': FsReceipts;
  }
}
