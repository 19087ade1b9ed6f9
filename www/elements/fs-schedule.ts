import { msg, str } from '@lit/localize';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { askForMe, refusalOf } from '../lib/as-me';
import type { Kept, OwnRun } from '../lib/due';
import { exactly, when } from '../lib/format';
import type { Schedule, ScheduleRun } from '../lib/generated';
import {
  clashWords,
  deviceName,
  often,
  ownRunWords,
  ownZone,
  runWords,
  serverRunWords,
} from '../lib/schedule-words';
import { visible } from '../lib/text';
import { base } from './base';
import { icons } from './icons';
import { loading, page } from './page';

/** A person wants a schedule to end. */
export type ScheduleEnds = CustomEvent<Schedule>;

/** A run that began so much later than it was due was made up for. */
const LATE = 10 * 60_000;

/** A schedule: when it runs, when it ran, and what came of that; `fs-schedule-ends` where it is to run no more. */
@customElement('fs-schedule')
export class FsSchedule extends LitElement {
  static override styles = [
    base,
    page,
    css`
      :host {
        display: block;
        padding: 0;
      }
      article {
        display: grid;
        gap: var(--fs-2);
      }
      h2 {
        font-size: var(--fs-base);
        overflow-wrap: anywhere;
      }
      dl {
        display: grid;
        grid-template-columns: auto 1fr;
        gap: var(--fs-1) var(--fs-3);
        overflow-wrap: anywhere;
      }
      dt {
        color: var(--fs-muted);
      }
      .runs {
        display: grid;
        gap: var(--fs-2);
        padding-top: var(--fs-3);
        border-top: 1px solid var(--fs-line);
        list-style: none;
      }
      .runs li {
        padding-inline-start: var(--fs-3);
        border-inline-start: 4px solid var(--fs-line);
      }
      .runs .here {
        border-color: var(--fs-blue);
      }
      .ended h2 {
        color: var(--fs-muted);
      }
    `,
  ];

  @property({ attribute: false }) schedule!: Schedule;
  @property({ attribute: false }) kept!: Kept;
  @property({ type: Boolean }) busy = false;
  @state() private open = false;
  @state() private runs: ScheduleRun[] | undefined;
  @state() private failure = '';

  override render(): TemplateResult {
    const { schedule, kept } = this;
    const { deviceId, disabledAt, nextRunAt, timeZone } = schedule;
    const mine = kept.runs.filter(({ scheduleId }) => scheduleId === schedule.id);
    const last = Math.max(schedule.lastRunAt ?? 0, mine[0]?.at ?? 0);
    // The server's next one may be what this device has done meanwhile.
    const done = kept.done[schedule.id] ?? 0;
    const next = schedule.nextRuns.find(at => at > done) ?? nextRunAt;
    return html`<article class=${disabledAt ? 'ended' : ''} aria-labelledby="name">
      <h2 id="name">${often(schedule)}</h2>
      <dl class="small">
        <dt>${msg('Device')}</dt><dd><bdi>${deviceName(deviceId, kept.devices, kept.deviceId)}</bdi></dd>
        ${
          disabledAt
            ? html`<dt>${msg('Ended')}</dt><dd>${this.time(disabledAt, when(disabledAt))}</dd>`
            : html`<dt>${msg('Next run')}</dt><dd>${next === undefined ? msg('Not known') : this.run(next)}</dd>`
        }
        <dt>${msg('Last run')}</dt><dd>${last > 0 ? this.time(last, when(last)) : msg('None yet')}</dd>
        ${timeZone === ownZone() ? nothing : html`<dt>${msg('Clocks of')}</dt><dd><bdi>${visible(timeZone.replaceAll('_', ' '), 60)}</bdi></dd>`}
        <dt>${msg('Clashes')}</dt><dd>${clashWords(schedule)}</dd>
      </dl>
      <div class="actions">
        <button type="button" aria-expanded=${this.open} aria-label=${msg(str`History: ${often(schedule)}`)} @click=${this.turn}>${icons.history} ${msg('History')}</button>
        ${
          disabledAt
            ? nothing
            : html`<button type="button" aria-disabled=${this.busy} aria-label=${msg(str`Disable: ${often(schedule)}`)} @click=${this.end}>${this.busy ? msg('One moment…') : msg('Disable')}</button>`
        }
      </div>
      ${this.open ? this.history(mine) : nothing}
    </article>`;
  }

  private run(at: number): TemplateResult {
    const { there, here } = runWords(at, this.schedule.timeZone);
    return html`${this.time(at, there)}${here ? html` <span class="muted">(${here})</span>` : nothing}`;
  }

  private time(at: number, words: string): TemplateResult {
    return html`<time datetime=${new Date(at).toISOString()} title=${exactly(at)}>${words}</time>`;
  }

  private history(mine: OwnRun[]): TemplateResult {
    const { runs, failure } = this;
    const all = [
      ...mine.map(run => ({ run, words: ownRunWords(run), here: true })),
      ...(runs ?? []).map(run => ({
        run,
        words: serverRunWords(run.outcome, run.changesDetected),
        here: false,
      })),
    ].sort((one, other) => other.run.at - one.run.at);
    return html`<div>
      ${failure ? html`<p class="small" role="status">${visible(failure)}</p>` : runs ? nothing : loading}
      ${
        all.length > 0
          ? html`<ol class="runs" role="list">${all.map(
              ({ run, words, here }) => html`<li class=${here ? 'here' : ''}>
                <p class="small muted">${this.time(run.at, when(run.at))} · ${here ? msg('On this device') : msg('By the server')}
                  ${run.at - run.dueAt > LATE ? html` · ${msg(str`was due ${when(run.dueAt)}`)}` : nothing}</p>
                <p>${words}</p></li>`,
            )}</ol>`
          : runs
            ? html`<p class="small muted">${msg('It has not run yet.')}</p>`
            : nothing
      }
    </div>`;
  }

  private turn(): void {
    this.open = !this.open;
    if (this.open) void this.load();
  }

  private async load(): Promise<void> {
    try {
      this.runs = (await askForMe('scheduleRuns', { path: { id: this.schedule.id } })).runs;
      this.failure = '';
    } catch (error) {
      this.failure = `${msg('Only what ran on this device is shown.')} ${refusalOf(error).message}`;
    }
  }

  private end(): void {
    if (this.busy) return;
    const detail = this.schedule;
    this.dispatchEvent(new CustomEvent('fs-schedule-ends', { detail, bubbles: true, composed: true }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-schedule': FsSchedule;
  }
  interface HTMLElementEventMap {
    'fs-schedule-ends': ScheduleEnds;
  }
}
