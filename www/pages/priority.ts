import { msg, str } from '@lit/localize';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { base, stateColours } from '../elements/base';
import { icons } from '../elements/icons';
import { figures, loading, page } from '../elements/page';
import { asCallError, connect } from '../lib/client';
import { URGENCIES } from '../lib/describe';
import { number, percent, plural, span } from '../lib/format';
import type { Item, Priority } from '../lib/generated';
import { LiveController, live } from '../lib/live';
import { type Row, rowOf } from '../lib/row';
import { pagesOf } from '../lib/scan';
import '../elements/fs-rows';

/** So many are listed of what goes next. */
const NEXT = 20;
/** What a point is worth, as the engine says of `score`: ten seconds of waiting. */
const POINT = 10_000;

interface Ranked extends Row {
  rank: number;
}

/** What is known of the queue once it has been gone through. */
interface Sum {
  looked: number;
  urgency: Record<Priority, number>;
  /** Of all that waits: the sum of the times since it was entered. */
  since: number;
  next: Ranked[];
}

/** How urgent what waits is, how long it has waited, and what goes next. */
@customElement('fs-priority')
export class FsPriority extends LitElement {
  static override styles = [
    base,
    stateColours,
    page,
    figures,
    css`
      .shares {
        list-style: none;
        display: grid;
        gap: var(--fs-2);
      }
      .shares li {
        display: grid;
        grid-template-columns: 4.5em 1fr 5.5em;
        gap: var(--fs-3);
        align-items: center;
      }
      .shares .numbers {
        text-align: end;
      }
      progress {
        width: 100%;
        height: 14px;
        overflow: hidden;
        border: 0;
        border-radius: 7px;
        background: var(--fs-sunken);
        appearance: none;
      }
      progress::-webkit-progress-bar {
        background: var(--fs-sunken);
      }
      progress::-webkit-progress-value {
        background: var(--fs-border);
      }
      progress::-moz-progress-bar {
        background: var(--fs-border);
      }
      .high progress::-webkit-progress-value {
        background: var(--fs-action);
      }
      .high progress::-moz-progress-bar {
        background: var(--fs-action);
      }
      section > h2 {
        margin-bottom: var(--fs-2);
        font-size: var(--fs-base);
      }
    `,
  ];

  @query('h1') private heading!: HTMLElement;
  @state() private sum: Sum | undefined;
  @state() private pace: number | undefined;
  @state() private failure = '';
  private seen = -1;
  private looking = false;

  constructor() {
    super();
    new LiveController(this, () => void this.look());
  }

  override focus(options?: FocusOptions): void {
    this.heading.focus(options);
  }

  override render(): TemplateResult {
    const { sum, failure } = this;
    return html`<div class="head">
        <div>
          <h1 tabindex="-1">${msg('Priority')}</h1>
          <p class="lead">${msg(html`What is urgent goes first, and what waits rises. The <a href="/sync/rules">rules</a> say what is urgent.`)}</p>
        </div>
      </div>
      ${failure && !live.failure ? html`<p class="trouble" role="alert">${icons.alert} ${failure}</p>` : nothing}
      ${sum ? this.figures(sum) : failure ? nothing : loading}`;
  }

  private figures({ looked, urgency, since, next }: Sum): TemplateResult {
    const total = live.status?.queueSize ?? looked;
    const all = urgency.HIGH + urgency.NORMAL + urgency.LOW;
    return html`<dl class="figures">
        <div><dt>${msg('Not yet on the server')}</dt><dd>${number(total)}</dd></div>
        <div><dt>${msg('High urgency')}</dt><dd>${number(urgency.HIGH)}</dd></div>
        <div><dt>${msg('Average wait so far')}</dt><dd>${all > 0 ? span(since / all) : msg('None')}</dd></div>
        <div><dt>${msg('Items a minute, while sending')}</dt><dd>${this.pace ? number(Math.round(this.pace)) : msg('Not known yet')}</dd></div>
      </dl>
      ${looked < total && this.looking ? html`<p class="small muted numbers" role="status">${msg(str`Counted ${number(looked)} of ${number(total)}`)}</p>` : nothing}
      ${
        all === 0
          ? html`<p class="empty"><b>${msg('Nothing is waiting')}</b>${msg('What you save is ranked here until it is on the server.')}</p>`
          : html`<section class="card" aria-labelledby="shares">
                <h2 id="shares">${msg('By urgency')}</h2>
                <ul class="shares" role="list">${(['HIGH', 'NORMAL', 'LOW'] as const).map(
                  level => html`<li class=${level.toLowerCase()}>
                    <span>${URGENCIES[level]}</span>
                    <progress max=${all} value=${urgency[level]} aria-label=${URGENCIES[level]}></progress>
                    <span class="numbers">${number(urgency[level])} · ${percent(urgency[level], all)}</span>
                  </li>`,
                )}</ul>
              </section>
              <section aria-labelledby="next">
                <h2 id="next">${next.length < all ? plural(next.length, msg('The next # to go|The next # to go')) : msg('In this order they go')}</h2>
                <fs-rows .rows=${next} .href=${(id: string) => `/sync/queue?item=${id}`}></fs-rows>
              </section>`
      }`;
  }

  /** Goes through the queue after every change; changes that come meanwhile are caught by one more round. */
  private async look(): Promise<void> {
    if (this.looking || live.failure) return;
    this.looking = true;
    try {
      while (this.seen !== live.revision && this.isConnected) {
        this.seen = live.revision;
        const client = await connect();
        this.pace = (await client.metrics()).averagePerformance.itemsPerMinute;
        const sum: Sum = { looked: 0, urgency: { HIGH: 0, NORMAL: 0, LOW: 0 }, since: 0, next: [] };
        for await (const items of pagesOf(client, { shelf: 'queue' })) {
          if (!this.isConnected) return;
          add(sum, items, Date.now());
          // The first pages of a long queue are shown while the rest is counted; a short one appears whole.
          if (!this.sum || this.sum.looked < sum.looked) this.sum = { ...sum };
        }
        this.sum = sum;
      }
      this.failure = '';
    } catch (error) {
      this.failure = asCallError(error).message;
    } finally {
      this.looking = false;
    }
  }
}

function add(sum: Sum, items: Item[], now: number): void {
  sum.looked += items.length;
  const waiting = items.filter(({ state: where }) => where !== 'conflict' && where !== 'setAside');
  for (const item of waiting) {
    sum.urgency[item.urgency] += 1;
    sum.since += Math.max(0, now - item.createdAt);
  }
  const ranked = waiting
    .filter(({ state: where }) => where !== 'blocked')
    .map(item => ({ ...rowOf(item), rank: item.createdAt - item.score * POINT }));
  sum.next = [...sum.next, ...ranked].sort((one, other) => one.rank - other.rank).slice(0, NEXT);
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-priority': FsPriority;
  }
}
