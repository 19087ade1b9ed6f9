import { msg, str } from '@lit/localize';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { base, stateColours } from '../elements/base';
import { icons } from '../elements/icons';
import { loading, page } from '../elements/page';
import { asCallError, connect } from '../lib/client';
import { describe } from '../lib/describe';
import { bytes, clock, number, plural, span } from '../lib/format';
import type { Item, SessionMetrics } from '../lib/generated';
import { LiveController, live } from '../lib/live';
import { visible } from '../lib/text';
import { byDay, type Checks, type Happening, type Looks, timeline } from '../lib/timeline';

/** So many receipts are looked at; older ones are found on their own page. */
const RECEIPTS = 500;
/** So many are named in a sync. */
const NAMED = 8;

/** Every sync and check, day by day, newest first: when, who asked for it, what came of it. */
@customElement('fs-history')
export class FsHistory extends LitElement {
  static override styles = [
    base,
    stateColours,
    page,
    css`
      section > h2 {
        margin-bottom: var(--fs-2);
        font-size: var(--fs-base);
      }
      ol {
        border: 1px solid var(--fs-line);
        border-radius: var(--fs-radius);
        background: var(--fs-surface);
        list-style: none;
      }
      li + li {
        border-top: 1px solid var(--fs-line);
      }
      summary,
      .looks {
        display: grid;
        grid-template-columns: 4.6em 20px 1fr 20px;
        gap: 0 var(--fs-3);
        align-items: start;
        padding: var(--fs-3) var(--fs-4);
      }
      summary {
        cursor: pointer;
      }
      summary::-webkit-details-marker {
        display: none;
      }
      summary:focus-visible {
        outline-offset: -4px;
      }
      summary svg,
      .looks svg {
        margin-top: 3px;
      }
      summary b {
        display: block;
        font-weight: 600;
      }
      .time {
        color: var(--fs-muted);
        font-size: var(--fs-small);
        line-height: 1.7;
      }
      .more {
        color: var(--fs-muted);
        transition: rotate var(--fs-motion);
      }
      details[open] .more {
        rotate: 180deg;
      }
      .inside {
        display: grid;
        gap: var(--fs-2);
        padding: 0 var(--fs-4) var(--fs-4) calc(4.6em + 20px + var(--fs-3) * 2 + var(--fs-4));
      }
      .inside ul {
        list-style: none;
      }
      .inside li {
        display: flex;
        justify-content: space-between;
        gap: var(--fs-3);
        padding: var(--fs-1) 0;
        overflow-wrap: anywhere;
      }
      .looks {
        color: var(--fs-muted);
        font-size: var(--fs-small);
      }
      @media (max-width: 599px) {
        .inside {
          padding-inline-start: var(--fs-4);
        }
      }
    `,
  ];

  @state() private events: Happening[] | undefined;
  @state() private failure = '';
  @query('h1') private heading!: HTMLElement;
  private seen = -1;

  constructor() {
    super();
    new LiveController(this, () => void this.follow());
  }

  override focus(options?: FocusOptions): void {
    this.heading.focus(options);
  }

  override render(): TemplateResult {
    const { events, failure } = this;
    const days = byDay(events ?? []);
    return html`<div class="head">
        <div>
          <h1 tabindex="-1">${msg('History')}</h1>
          <p class="lead">${msg('Every sync and check of this device, newest first.')}</p>
        </div>
      </div>
      ${failure && !live.failure ? html`<p class="trouble" role="alert">${icons.alert} ${visible(failure)}</p>` : nothing}
      ${
        // Checks are told of whether or not figures are kept.
        events && !events.some(event => !('checks' in event))
          ? html`<p class="empty"><b>${msg('No sync yet')}</b>${msg('Each sync stands here with what it sent.')}
              ${msg(html`That takes the <a href="/sync/settings">figures</a> to be switched on.`)}</p>`
          : nothing
      }
      ${events || failure ? nothing : loading}
      ${[...days].map(
        ([name, on], at) => html`<section aria-labelledby="day-${at}">
          <h2 id="day-${at}">${name}</h2>
          <ol role="list">${repeat(
            on,
            // One that is opened stays so when another comes before it.
            event => `${Object.keys(event)} ${event.at}`,
            event => html`<li>${happening(event)}</li>`,
          )}</ol>
        </section>`,
      )}`;
  }

  private async follow(): Promise<void> {
    if (this.seen === live.revision || live.failure) return;
    this.seen = live.revision;
    try {
      const client = await connect();
      const [{ current, historical }, { history }, { items }] = await Promise.all([
        client.metrics(),
        client.scheduler(),
        client.list({ shelf: 'done', limit: RECEIPTS }),
      ]);
      const older = historical.filter(({ sessionId }) => sessionId !== current?.sessionId);
      this.events = timeline(current ? [current, ...older] : older, history ?? [], items);
      this.failure = '';
    } catch (error) {
      this.failure = asCallError(error).message;
    }
  }
}

const happening = (event: Happening): TemplateResult =>
  'session' in event ? sync(event) : 'checks' in event ? checks(event) : looks(event);

/** One line for looks or checks that came to the same. */
const line = (until: number, icon: TemplateResult, tone: string, words: string): TemplateResult =>
  html`<div class="looks numbers"><span>${clock(until)}</span><span class=${tone}>${icon}</span><span>${words}</span></div>`;

function looks({ at, until, looks: n }: Looks): TemplateResult {
  const words =
    n === 1
      ? msg('Looked; nothing to send')
      : msg(str`Looked ${number(n)} times since ${clock(at)}; nothing to send`);
  return line(until, icons.tick, '', words);
}

function checks({ at, until, checks: n, needsSync }: Checks): TemplateResult {
  const [icon, tone] =
    needsSync === null ? [icons.alert, 'red'] : needsSync ? [icons.alert, 'amber'] : [icons.tick, ''];
  return line(
    until,
    icon,
    tone,
    n === 1 ? checked(needsSync) : checkedOften(needsSync, number(n), clock(at)),
  );
}

function checked(needsSync: boolean | null): string {
  if (needsSync === null) return msg('A check failed');
  return needsSync
    ? msg('Checked; this device needs a sync')
    : msg('Checked; in step with your other devices');
}

function checkedOften(needsSync: boolean | null, times: string, since: string): string {
  if (needsSync === null) return msg(str`${times} checks failed since ${since}`);
  return needsSync
    ? msg(str`Checked ${times} times since ${since}; this device needs a sync`)
    : msg(str`Checked ${times} times since ${since}; in step with your other devices`);
}

function sync({ session, items }: { session: SessionMetrics; items: Item[] }): TemplateResult {
  const { trigger, startTime, endTime, itemsSucceeded, itemsFailed, networkUsage, errors = [] } = session;
  const running = endTime === undefined;
  const [icon, tone] = running
    ? [icons.sync, 'blue']
    : itemsFailed > 0
      ? [icons.alert, 'amber']
      : itemsSucceeded > 0
        ? [icons.ticks, 'green']
        : [icons.clock, 'grey'];
  const came = [
    itemsSucceeded > 0 ? plural(itemsSucceeded, msg('# sent|# sent')) : msg('Nothing sent'),
    itemsFailed > 0 ? plural(itemsFailed, msg('# not accepted|# not accepted')) : '',
  ].filter(Boolean);
  const cost = [
    trigger === 'manual' ? msg('You asked for it') : msg('By itself'),
    bytes(networkUsage),
    running ? msg('still running') : span(endTime - startTime),
  ];
  const named = items.slice(0, NAMED);
  return html`<details>
    <summary>
      <span class="time numbers">${clock(startTime)}</span>
      <span class=${tone}>${icon}</span>
      <span><b>${came.join(', ')}</b><span class="small muted numbers">${cost.join(' · ')}</span></span>
      <span class="more">${icons.down}<span class="unseen">${msg('Details')}</span></span>
    </summary>
    <div class="inside small">
      ${errors.map(error => html`<p class="amber">${visible(error)}</p>`)}
      ${
        named.length > 0
          ? html`<ul role="list">${named.map(item => {
              const { title, value } = describe(item);
              return html`<li><a href="/sync/receipts?item=${item.id}">${title}</a><span class="numbers">${value}</span></li>`;
            })}</ul>`
          : nothing
      }
      ${itemsSucceeded > named.length ? html`<p><a href="/sync/receipts">${named.length > 0 ? msg('All receipts') : plural(itemsSucceeded, msg('See # receipt|See # receipts'))}</a></p>` : nothing}
      ${named.length + errors.length + itemsSucceeded === 0 ? html`<p>${msg('The server answered, and accepted nothing.')}</p>` : nothing}
    </div>
  </details>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-history': FsHistory;
  }
}
