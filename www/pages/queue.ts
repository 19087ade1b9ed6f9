import { msg, str } from '@lit/localize';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { base, stateColours } from '../elements/base';
import type { FsConfirm } from '../elements/fs-confirm';
import type { DetailAction } from '../elements/fs-detail';
import { type FsRows, loading, type Need } from '../elements/fs-rows';
import { icons } from '../elements/icons';
import { fields, page } from '../elements/page';
import { split } from '../elements/split';
import { asCallError, connect } from '../lib/client';
import { discard, retry } from '../lib/deeds';
import { TYPES, URGENCIES } from '../lib/describe';
import { number, plural } from '../lib/format';
import type { ItemId, ItemState, ItemType, Priority } from '../lib/generated';
import { LiveController, live } from '../lib/live';
import { Paged } from '../lib/paged';
import { Address, go } from '../lib/router';
import { has, type Row, rowOf } from '../lib/row';
import { saveItems } from '../lib/save-file';
import { toast } from '../lib/toast';
import '../elements/fs-confirm';
import '../elements/fs-detail';

type Waiting = Exclude<ItemState, 'done' | 'inFlight'>;

const STATES: Record<Waiting, string> = {
  pending: msg('To be sent'),
  retryAt: msg('Trying again later'),
  blocked: msg('After an earlier entry'),
  conflict: msg('In conflict'),
  setAside: msg('Set aside'),
};

/** Rows that are asked for before it is known how many fit into the window. */
const SOON = 30;

/** The whole queue: find, look into, send again, correct, discard, save as a file. */
@customElement('fs-queue')
export class FsQueue extends LitElement {
  static override styles = [base, stateColours, page, fields, split];

  @state() private search = '';
  @query('fs-rows') private list!: FsRows | null;
  @query('fs-confirm') private confirm!: FsConfirm;
  @query('h1') private heading!: HTMLElement;
  @query('#search') private field!: HTMLInputElement;

  private readonly address = new Address(this, () => this.renew());
  private items = this.paged();
  private asked = '';
  private readonly wide = matchMedia('(min-width: 1100px)');
  private readonly keys = (event: KeyboardEvent) => this.key(event);

  constructor() {
    super();
    new LiveController(this);
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

  override render(): TemplateResult {
    const item = this.address.get('item');
    return html`<div class="split ${item ? 'open' : ''}" @fs-retry=${this.retry} @fs-discard=${this.discard}>
        <div class="head">
          <div>
            <h1 tabindex="-1">${msg('Queue')}</h1>
            <p class="lead roomy">${msg('All that is saved here and not yet on the server.')}</p>
          </div>
          ${live.status?.queueSize ? html`<button type="button" @click=${this.save}>${icons.save} ${msg('Save a file')}</button>` : nothing}
        </div>
        <div class="list">${this.tools()} ${this.rows(item)}</div>
        <div class="pane">
          ${
            item
              ? html`<fs-detail .itemId=${item}></fs-detail>`
              : html`<p class="empty"><b>${msg('Nothing chosen')}</b>${msg('Choose an item to see what happened to it and what you can do.')}</p>`
          }
        </div>
      </div>
      <fs-confirm></fs-confirm>`;
  }

  private tools(): TemplateResult {
    const choice = (name: string, label: string, options: Record<string, string>) => {
      const chosen = this.address.get(name) ?? '';
      const choose = (event: Event) => {
        const { value } = event.target as HTMLSelectElement;
        go(this.address.with(name, value || undefined), { replace: true });
      };
      return html`<select aria-label=${label} @change=${choose}>
        <option value="" ?selected=${chosen === ''}>${label}</option>
        ${Object.entries(options).map(([value, words]) => html`<option value=${value} ?selected=${chosen === value}>${words}</option>`)}
      </select>`;
    };
    return html`<div class="tools" role="search">
      <div class="search">
        ${icons.search}
        <input id="search" type="search" placeholder=${msg('Search')} aria-label=${msg('Search the queue')} maxlength="100"
          enterkeyhint="search" .value=${this.search} @input=${this.type} />
      </div>
      ${choice('state', msg('State'), STATES)} ${choice('type', msg('Type'), TYPES)}
      ${choice('urgency', msg('Urgency'), URGENCIES)}
    </div>`;
  }

  private rows(item: ItemId | undefined): TemplateResult {
    const { items } = this;
    if (items.failure && !live.failure)
      return html`<p class="trouble" role="alert">${icons.alert} ${items.failure}</p>`;
    if (!items.ready) return loading;
    return html`<p class="sum numbers" role="status">${this.sum()}</p>
      ${items.rows.length === 0 && !this.looking ? this.empty() : nothing}
      <fs-rows .rows=${items.rows} .more=${items.more} .selected=${item}
        .href=${(id: ItemId) => this.address.with('item', id)}
        .open=${this.wide.matches ? this.open : undefined}
        @fs-need=${this.need}></fs-rows>`;
  }

  private get filtered(): boolean {
    return this.search !== '' || ['state', 'type', 'urgency'].some(name => this.address.get(name));
  }

  /** Whether the rest of the queue is still being gone through. */
  private get looking(): boolean {
    return this.items.more;
  }

  private sum(): string {
    const all = live.status?.queueSize ?? 0;
    const { rows, looked } = this.items;
    if (!this.filtered) return plural(all, msg('# item, newest first|# items, newest first'));
    const [found, of, gone] = [number(rows.length), number(all), number(looked)];
    if (!this.looking) return msg(str`${found} of ${of}`);
    return this.address.get('state')
      ? msg(str`${found} so far of ${of}`)
      : msg(str`${found} so far in ${gone} of ${of}`);
  }

  private empty(): TemplateResult {
    if (!this.filtered) {
      return html`<p class="empty">
        <b>${msg('Nothing is waiting')}</b>${msg('What you save appears here with one tick, and goes as soon as the server has it.')}
      </p>`;
    }
    return html`<p class="empty"><b>${msg('Nothing like that in the queue')}</b>
      <button type="button" @click=${this.clear}>${msg('Show all of it')}</button></p>`;
  }

  private clear(): void {
    this.search = '';
    go('/sync/queue', { replace: true });
    this.renew();
    this.field.focus();
  }

  /** A list of its own for each thing asked for. */
  private renew(): void {
    const asked = [
      this.search,
      ...['state', 'type', 'urgency'].map(name => this.address.get(name) ?? ''),
    ].join('|');
    if (asked === this.asked) return;
    this.asked = asked;
    this.items.close();
    this.items = this.paged();
    this.items.want(0, SOON);
    this.requestUpdate();
  }

  private paged(): Paged<Row> {
    const state = this.address.get('state') as ItemState | undefined;
    const type = this.address.get('type') as ItemType | undefined;
    const urgency = this.address.get('urgency') as Priority | undefined;
    const { search } = this;
    return new Paged(
      { shelf: 'queue', ...(state ? { state } : {}) },
      item => {
        if ((type && item.type !== type) || (urgency && item.urgency !== urgency)) return undefined;
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
    this.renew();
  }

  private readonly open = (id: ItemId): void => go(this.address.with('item', id), { replace: true });

  private async retry({ detail: { item } }: DetailAction): Promise<void> {
    await retry(item);
  }

  private discard({ detail: { item } }: DetailAction): Promise<void> {
    return discard(item, {
      confirm: () => this.confirm,
      goOn: () => {
        go(this.address.with('item', undefined), { replace: true });
        this.heading.focus();
      },
      restored: ({ id }) => {
        go(this.address.with('item', id), { replace: true });
        this.list?.focusOn(id);
      },
    });
  }

  private async save(): Promise<void> {
    try {
      const n = await saveItems(await connect(), { shelf: 'queue' }, 'unsent');
      toast({
        kind: 'done',
        message: plural(
          n,
          msg(
            'Saved a file with # item. It stays in the queue.|Saved a file with # items. They stay in the queue.',
          ),
        ),
      });
    } catch (error) {
      toast({ kind: 'trouble', message: asCallError(error).message });
    }
  }

  private key(event: KeyboardEvent): void {
    const typing = event
      .composedPath()
      .some(node => node instanceof HTMLElement && node.matches('input, textarea, select, dialog'));
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key === '/' && !typing) {
      event.preventDefault();
      this.field.focus();
    } else if (event.key === 'Escape' && this.address.get('item') && !typing) {
      go(this.address.with('item', undefined));
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-queue': FsQueue;
  }
}
