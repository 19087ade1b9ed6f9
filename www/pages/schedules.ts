import { msg, str } from '@lit/localize';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { base } from '../elements/base';
import type { FsConfirm } from '../elements/fs-confirm';
import type { FsLimits } from '../elements/fs-limits';
import type { ScheduleEnds } from '../elements/fs-schedule';
import type { ScheduleMade } from '../elements/fs-schedule-form';
import { icons } from '../elements/icons';
import { loading, page } from '../elements/page';
import { ago } from '../lib/ago';
import { askForMe, isSignedOut, isUnreached, refusalOf } from '../lib/as-me';
import { connect } from '../lib/client';
import { type Kept, onSchedules } from '../lib/due';
import { plural } from '../lib/format';
import type { Schedule } from '../lib/generated';
import { mySchedules, refreshSchedules } from '../lib/own-schedules';
import { inZone, often } from '../lib/schedule-words';
import { visible } from '../lib/text';
import { toast } from '../lib/toast';
import '../elements/fs-confirm';
import '../elements/fs-limits';
import '../elements/fs-schedule';
import '../elements/fs-schedule-form';

/** When a person's devices sync by themselves, and how fast they may: as the server has it, or as it told it last. */
@customElement('fs-schedules')
export class FsSchedules extends LitElement {
  static override styles = [
    base,
    page,
    css`
      .schedules {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(320px, 100%), 1fr));
        gap: var(--fs-3);
        align-items: start;
        list-style: none;
      }
      .offline {
        display: flex;
        gap: var(--fs-2);
      }
      .offline svg {
        margin-top: 2px;
        color: var(--fs-grey);
      }
      /* What is said there later is only told by a region that was there before. */
      .said:empty {
        margin-bottom: calc(-1 * var(--fs-4));
      }
      summary {
        display: flex;
        align-items: center;
        min-height: var(--fs-target);
        font-weight: 600;
        cursor: pointer;
      }
    `,
  ];

  @state() private kept: Kept | undefined;
  /** The name of this device, which it has before the server knows of it. */
  @state() private own = '';
  /** What was asked of the server is still to come; it has answered; it was not reached; it asks who it is. */
  @state() private standing: 'asking' | 'fresh' | 'unreached' | 'signedOut' | 'refused' = 'asking';
  @state() private failure = '';
  @state() private making = false;
  @state() private ending = '';
  @query('h1') private heading!: HTMLElement;
  @query('fs-confirm') private confirm!: FsConfirm;
  @query('fs-limits') private limits!: FsLimits | null;
  #stop: (() => void)[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    const back = () => {
      void this.refresh();
      void this.limits?.load();
    };
    addEventListener('online', back);
    this.#stop = [
      onSchedules(() => void this.look().catch(() => {})),
      () => removeEventListener('online', back),
    ];
    void this.look()
      .catch(() => {}) // the engine does not start, which the page says
      .then(() => this.refresh());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const stop of this.#stop) stop();
  }

  override focus(options?: FocusOptions): void {
    this.heading.focus(options);
  }

  override render(): TemplateResult {
    const { kept, making, own } = this;
    const devices = kept?.devices ?? [];
    const ended = kept?.schedules.filter(({ disabledAt }) => disabledAt) ?? [];
    return html`<div class="head">
        <div>
          <h1 tabindex="-1">${msg('Schedules')}</h1>
          <p class="lead">${msg('Your devices sync by themselves whenever they can. A schedule asks for it at set times too, and a limit keeps the link free for others.')}</p>
        </div>
        ${making ? nothing : html`<button type="button" @click=${this.make}>${icons.plus} ${msg('Make a schedule')}</button>`}
      </div>
      <div class="said" role="status">${this.said()}</div>
      ${
        making
          ? html`<fs-schedule-form .devices=${devices} .own=${own} @fs-schedule-made=${this.made} @fs-schedule-left=${this.left}></fs-schedule-form>`
          : nothing
      }
      ${kept ? this.active(kept) : this.standing === 'asking' ? loading : nothing}
      <fs-limits .devices=${devices} .own=${own}></fs-limits>
      ${
        kept && ended.length > 0
          ? html`<details class="card"><summary>${plural(ended.length, msg('# ended schedule|# ended schedules'))}</summary>${this.list(kept, ended)}</details>`
          : nothing
      }
      <p><a href="/sync/health">${msg('Your devices, and how to revoke one')}</a></p>
      <fs-confirm></fs-confirm>`;
  }

  /** Whether the list is the server's of now, else why not. */
  private said(): TemplateResult | typeof nothing {
    const { kept, standing, failure } = this;
    if (standing === 'asking' || standing === 'fresh') return nothing;
    if (standing === 'signedOut')
      return html`<p class="card"><a href="/sign-in">${msg('Sign in')}</a> ${msg('to see your schedules and to make one.')}</p>`;
    const since = kept
      ? msg(str`This is the list as the server told it ${ago(kept.at)}. What is due runs here all the same.`)
      : msg('Your schedules are shown once it can.');
    return html`<p class="card offline">${icons.cloudOff} <span>${standing === 'unreached' ? msg('The server cannot be reached.') : visible(failure)} ${since}</span></p>`;
  }

  private active(kept: Kept): TemplateResult {
    const active = kept.schedules.filter(({ disabledAt }) => !disabledAt);
    if (active.length > 0) return this.list(kept, active);
    return html`<div class="empty"><b>${msg('No schedules')}</b>${msg('With one, a device syncs at a time that you choose: each morning before work, or on the last day of the month.')}</div>`;
  }

  private list(kept: Kept, schedules: Schedule[]): TemplateResult {
    return html`<ul class="schedules" role="list">${repeat(
      schedules,
      ({ id }) => id,
      schedule =>
        html`<li class="card"><fs-schedule .schedule=${schedule} .kept=${kept} .busy=${this.ending === schedule.id} @fs-schedule-ends=${this.end}></fs-schedule></li>`,
    )}</ul>`;
  }

  private async make(): Promise<void> {
    this.making = true;
    await this.updateComplete;
    const form = this.renderRoot.querySelector('fs-schedule-form');
    await form?.updateComplete;
    form?.focus();
  }

  private left(): void {
    this.making = false;
    this.heading.focus();
  }

  private async made({ detail }: ScheduleMade): Promise<void> {
    this.left();
    const [next] = detail.nextRuns;
    const first = next === undefined ? '' : ` ${msg(str`First run: ${inZone(next, detail.timeZone)}.`)}`;
    toast({ key: 'schedule', kind: 'done', message: `${msg('The schedule is made.')}${first}` });
    await this.refresh();
  }

  /** For good, so it is asked before. */
  private async end({ detail: schedule }: ScheduleEnds): Promise<void> {
    if (this.ending) return;
    const sure = await this.confirm.ask({
      title: msg(str`Disable “${often(schedule)}”?`),
      text: msg(
        'It runs no more, for good. What it has done stays in its history. The device goes on to sync whenever it can.',
      ),
      yes: msg('Disable'),
      no: msg('Keep it'),
    });
    if (!sure) return;
    this.ending = schedule.id;
    try {
      await askForMe('disableSchedule', { path: { id: schedule.id } });
      toast({ key: 'schedule', kind: 'done', message: msg('The schedule is disabled.') });
      this.heading.focus();
      await this.refresh();
    } catch (error) {
      toast({ key: 'schedule', kind: 'trouble', message: refusalOf(error).message });
    } finally {
      this.ending = '';
    }
  }

  private async look(): Promise<void> {
    const client = await connect();
    this.own = (await client.account()).deviceId;
    this.kept = await mySchedules(client);
  }

  private async refresh(): Promise<void> {
    try {
      await refreshSchedules(await connect(), true);
      await this.look();
      this.standing = 'fresh';
    } catch (error) {
      this.failure = refusalOf(error).message;
      this.standing = isSignedOut(error) ? 'signedOut' : isUnreached(error) ? 'unreached' : 'refused';
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-schedules': FsSchedules;
  }
}
