import { msg } from '@lit/localize';
import { html, LitElement, type TemplateResult } from 'lit';
import { query, state } from 'lit/decorators.js';
import type { ItemId } from '../lib/generated';
import type { Paged } from '../lib/paged';
import { Address, go } from '../lib/router';
import type { Row } from '../lib/row';
import { base, stateColours } from './base';
import type { FsRows, Need } from './fs-rows';
import { icons } from './icons';
import { fields, loading, page } from './page';
import { split } from './split';
import './fs-rows';

/** Rows that are asked for before it is known how many fit into the window. */
const SOON = 30;

/** A page that is a long list of items beside the one that is chosen: what is looked for, and the keys. */
export abstract class ListPage extends LitElement {
  static override styles = [base, stateColours, page, fields, split];

  @state() protected search = '';
  @query('fs-rows') protected list!: FsRows | null;
  @query('h1') protected heading!: HTMLElement;
  @query('#search') protected field!: HTMLInputElement;

  protected readonly address = new Address(this, () => this.moved());
  protected items = this.paged();
  private readonly wide = matchMedia('(min-width: 1100px)');
  private readonly keys = (event: KeyboardEvent) => this.key(event);

  /** The list that is asked for. */
  protected abstract paged(): Paged<Row>;

  /** On a phone the item lies over the list, and has the focus. */
  protected moved(): void {
    if (!this.address.get('item') || this.wide.matches) return;
    this.requestUpdate();
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>('fs-detail')?.focus());
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('keydown', this.keys);
    this.items.want(0, SOON);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('keydown', this.keys);
    this.items.close();
  }

  override focus(options?: FocusOptions): void {
    this.heading.focus(options);
  }

  /** Sees to it that what is in the window is there and fresh. */
  protected look(): void {
    this.items.want(0, SOON);
  }

  /** Another list than before is asked for. */
  protected renew(): void {
    this.items.close();
    this.items = this.paged();
    this.items.want(0, SOON);
    this.requestUpdate();
  }

  protected searchField(label: string): TemplateResult {
    return html`<div class="search">
      ${icons.search}
      <input id="search" type="search" placeholder=${msg('Search')} aria-label=${label} maxlength="100"
        enterkeyhint="search" .value=${this.search} @input=${this.type} />
    </div>`;
  }

  protected listed(): TemplateResult {
    const { items } = this;
    if (!items.ready) return loading;
    return html`<fs-rows .rows=${items.rows} .more=${items.more} .selected=${this.address.get('item')}
      .href=${(id: ItemId) => this.address.with('item', id)}
      .open=${this.wide.matches ? this.open : undefined}
      @fs-need=${this.need} @fs-row-gone=${() => this.heading.focus()}></fs-rows>`;
  }

  private need({ detail: { from, to } }: Need): void {
    this.items.want(from, to);
  }

  private type(event: Event): void {
    this.search = (event.target as HTMLInputElement).value.trim();
    this.renew();
  }

  private readonly open = (id: ItemId): void => go(this.address.with('item', id), { replace: true });

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
      // Back to where one was in the list, which on a phone was hidden until now.
      if (this.items.rows.some(({ id }) => id === item)) this.list?.focusOn(item);
      else this.heading.focus();
    }
  }
}
