import { msg, str } from '@lit/localize';
import { html, nothing, type TemplateResult } from 'lit';
import { customElement, query } from 'lit/decorators.js';
import type { FsConfirm } from '../elements/fs-confirm';
import type { DetailAction, FsDetail } from '../elements/fs-detail';
import { icons } from '../elements/icons';
import { ListPage } from '../elements/list-page';
import { discard, retry } from '../lib/deeds';
import { TYPES, URGENCIES } from '../lib/describe';
import { number, plural } from '../lib/format';
import type { ItemState, ItemType, Priority } from '../lib/generated';
import { LiveController, live } from '../lib/live';
import { Paged } from '../lib/paged';
import { Properties } from '../lib/properties';
import { go } from '../lib/router';
import { has, type Row, rowOf } from '../lib/row';
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

/** The whole queue: find, look into, send again, correct, discard, save as a file. */
@customElement('fs-queue')
export class FsQueue extends ListPage {
  @query('fs-confirm') private confirm!: FsConfirm;
  @query('fs-detail') private detail!: FsDetail | null;
  private readonly properties = new Properties(this);
  private asked = this.wanted();

  constructor() {
    super();
    new LiveController(this);
  }

  override render(): TemplateResult {
    const item = this.address.get('item');
    return html`<div class="split ${item ? 'open' : ''}" @fs-retry=${this.retry} @fs-discard=${this.discard}>
        <div class="head">
          <div>
            <h1 tabindex="-1">${msg('Queue')}</h1>
            <p class="lead roomy">${msg('All that is saved here and not yet on the server.')}</p>
          </div>
          <a class="button" href="/sync/carry">${icons.save} ${msg('To another device')}</a>
        </div>
        <div class="list">${this.tools()} ${this.rows()} ${this.demo()}</div>
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

  /** The samples of the demo; their part comes when it is there. */
  private demo(): TemplateResult | typeof nothing {
    if (this.properties.all.length === 0) return nothing;
    void import('../elements/fs-samples').catch(() => {}); // with the next connection
    return html`<fs-samples></fs-samples>`;
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
      ${this.searchField(msg('Search the queue'))}
      ${choice('state', msg('State'), STATES)} ${choice('type', msg('Type'), TYPES)}
      ${choice('urgency', msg('Urgency'), URGENCIES)}
    </div>`;
  }

  private rows(): TemplateResult {
    const { items } = this;
    if (items.failure && !live.failure)
      return html`<p class="trouble" role="alert">${icons.alert} ${items.failure}</p>`;
    if (!items.ready) return this.listed();
    return html`<p class="sum numbers" role="status">${this.sum()}</p>
      ${items.rows.length === 0 && !this.looking ? this.empty() : nothing} ${this.listed()}`;
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

  /** A list of its own for each thing asked for, of which the item that is looked at is none. */
  protected override moved(): void {
    super.moved();
    const wanted = this.wanted();
    if (wanted === this.asked) return;
    this.asked = wanted;
    this.renew();
  }

  private wanted(): string {
    return ['state', 'type', 'urgency'].map(name => this.address.get(name) ?? '').join('|');
  }

  protected override paged(): Paged<Row> {
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

  private async retry({ detail: { item } }: DetailAction): Promise<void> {
    await retry(item, () => this.detail?.focus());
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
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-queue': FsQueue;
  }
}
