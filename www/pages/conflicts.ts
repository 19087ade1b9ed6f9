import { msg } from '@lit/localize';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { base, stateColours } from '../elements/base';
import type { Chosen } from '../elements/fs-conflict';
import type { Need } from '../elements/fs-rows';
import { icons } from '../elements/icons';
import { loading, page } from '../elements/page';
import { split } from '../elements/split';
import { resolve } from '../lib/deeds';
import { plural } from '../lib/format';
import type { Item, ItemId } from '../lib/generated';
import { LiveController, live } from '../lib/live';
import { Paged } from '../lib/paged';
import { Address, go } from '../lib/router';
import { type Row, rowOf } from '../lib/row';
import '../elements/fs-conflict';
import '../elements/fs-rows';

interface ConflictRow extends Row {
  item: Item;
}

/** All conflicts, and both sides of the one that is looked at. */
@customElement('fs-conflicts')
export class FsConflicts extends LitElement {
  static override styles = [base, stateColours, page, split];

  @query('h1') private heading!: HTMLElement;
  @state() private items = new Paged<ConflictRow>(
    { shelf: 'queue', state: 'conflict' },
    item => ({ ...rowOf(item), item }),
    () => this.requestUpdate(),
  );
  private readonly address = new Address(this, () => this.moved());
  private readonly wide = matchMedia('(min-width: 1100px)');

  constructor() {
    super();
    new LiveController(this, () => this.items.want(0, 100));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.items.close();
  }

  override focus(options?: FocusOptions): void {
    this.heading.focus(options);
  }

  /** On a phone the conflict lies over the list, and has the focus. */
  private moved(): void {
    if (!this.address.get('item') || this.wide.matches) return;
    this.requestUpdate();
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>('fs-conflict')?.focus());
  }

  override render(): TemplateResult {
    const { items } = this;
    const id = this.address.get('item') ?? (this.wide.matches ? items.rows[0]?.id : undefined);
    const shown = items.rows.find(row => row.id === id)?.item;
    const most = live.status?.totals.conflict ?? 0;
    const none = live.status !== undefined && most === 0;
    return html`<div class="split ${shown ? 'open' : ''}" @fs-choose=${this.choose}>
      <div class="head">
        <div>
          <h1 tabindex="-1">${msg('Conflicts')}</h1>
          <p class="lead">${msg('The server has something else than what you saved. Nothing is lost until you choose.')}</p>
        </div>
      </div>
      ${
        items.failure && !live.failure
          ? html`<p class="trouble" role="alert">${icons.alert} ${items.failure}</p>`
          : none
            ? html`<p class="empty"><b>${msg('No conflicts')}</b>${msg('When someone else has changed the same record, both sides stand here and you choose.')}
                ${msg(html`What is done without asking you is in the <a href="/sync/settings">settings</a>.`)}</p>`
            : this.both(id, shown, most)
      }
    </div>`;
  }

  private both(id: ItemId | undefined, shown: Item | undefined, most: number): TemplateResult {
    const { items } = this;
    return html`<div class="list">
        <p class="sum numbers" role="status">${plural(most, msg('# conflict|# conflicts'))}</p>
        ${items.rows.length === 0 ? loading : nothing}
        <fs-rows .rows=${items.rows} .selected=${id} .href=${(item: ItemId) => this.address.with('item', item)}
          .open=${this.wide.matches ? this.open : undefined} @fs-need=${this.need}></fs-rows>
      </div>
      <div class="pane">${shown ? html`<fs-conflict .item=${shown}></fs-conflict>` : nothing}</div>`;
  }

  private need({ detail: { from, to } }: Need): void {
    this.items.want(from, to);
  }

  private readonly open = (id: ItemId): void => go(this.address.with('item', id), { replace: true });

  private async choose({ detail: { item, choice } }: Chosen): Promise<void> {
    const done = await resolve(item, choice, () => this.heading.focus());
    if (done) go('/sync/conflicts', { replace: true });
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-conflicts': FsConflicts;
  }
}
