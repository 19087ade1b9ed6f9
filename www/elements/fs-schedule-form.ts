import { msg, str } from '@lit/localize';
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { live as asShown } from 'lit/directives/live.js';
import { askForMe, isUnreached, refusalOf } from '../lib/as-me';
import { number } from '../lib/format';
import type { Device, FieldError, Schedule, ScheduleDraft, ScheduleType, Weekday } from '../lib/generated';
import {
  CLASHES,
  deviceName,
  often,
  ownZone,
  runWords,
  WEEKDAYS,
  weekday,
  zones,
} from '../lib/schedule-words';
import { visible } from '../lib/text';
import { base } from './base';
import { icons } from './icons';
import { fields, loading, page, stacked } from './page';

/** A schedule has been made. */
export type ScheduleMade = CustomEvent<Schedule>;

const TYPES: [ScheduleType, string][] = [
  ['daily', msg('Every day')],
  ['weekly', msg('Every week')],
  ['monthly', msg('Every month')],
];

const DAYS = Array.from({ length: 31 }, (_, n) => n + 1);

/** Makes a schedule. While it is being put together it is said when it would run. */
@customElement('fs-schedule-form')
export class FsScheduleForm extends LitElement {
  static override styles = [
    base,
    page,
    fields,
    stacked,
    css`
      :host {
        padding: 0;
      }
      .fields {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(220px, 100%), 1fr));
        gap: var(--fs-4);
        align-items: start;
      }
      @media (min-width: 900px) {
        .fields > :last-child {
          grid-column: span 2;
        }
      }
      .hint {
        margin-top: var(--fs-1);
        color: var(--fs-muted);
        font-size: var(--fs-small);
        line-height: 1.4;
      }
      .switch {
        display: grid;
        grid-template-columns: 1fr auto;
        gap: 0 var(--fs-4);
        align-items: center;
        min-height: var(--fs-target);
      }
      .switch .hint {
        grid-column: 1;
      }
      .switch input {
        grid-area: 1 / 2 / 3;
      }
      .preview {
        padding: var(--fs-3) var(--fs-4);
        border-radius: var(--fs-radius);
        background: var(--fs-sunken);
      }
      ol {
        padding-inline-start: var(--fs-6);
        font-variant-numeric: tabular-nums;
      }
      .error svg {
        margin-top: 2px;
      }
      /* The last stop of Tab in a time is its picker, of which the browser does not say that the time has the focus. */
      input[type='time']:focus-within {
        outline: 3px solid var(--fs-focus);
        outline-offset: 1px;
        box-shadow: 0 0 0 5px var(--fs-focus-ink);
      }
    `,
  ];

  @property({ attribute: false }) devices: Device[] = [];
  /** This device. */
  @property() own = '';
  @state() private draft: ScheduleDraft = {
    deviceId: '',
    scheduleType: 'daily',
    timeOfDay: '06:30',
    timeZone: ownZone(),
    dayOfWeek: 'monday',
    dayOfMonth: 1,
    syncDeletions: true,
    resolveConflicts: 'ask',
  };
  @state() private runs: number[] | undefined;
  /** Why it cannot be said when it would run. */
  @state() private unknown = '';
  @state() private errors: FieldError[] = [];
  @state() private failure = '';
  @state() private busy = false;
  @query('select') private first!: HTMLSelectElement;
  private asking = new AbortController();
  private readonly zones = zones();

  /** This device's name for itself comes with its engine. */
  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('own') && this.own && !this.draft.deviceId) this.put({ deviceId: this.own });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.asking.abort();
  }

  override focus(options?: FocusOptions): void {
    this.first.focus(options);
  }

  override render(): TemplateResult {
    const { draft, own } = this;
    const { scheduleType } = draft;
    const active = this.devices.filter(({ revokedAt }) => !revokedAt);
    const ids = [...new Set([own, ...active.map(({ deviceId }) => deviceId)])];
    const text = (event: Event) => (event.target as HTMLInputElement | HTMLSelectElement).value;
    return html`<form class="card" novalidate aria-labelledby="title" @submit=${this.submit}>
      <h2 id="title">${msg('A new schedule')}</h2>
      <div class="fields">
        ${this.choice(
          'deviceId',
          msg('Device'),
          ids.map(id => [id, deviceName(id, this.devices, own)]),
          draft.deviceId,
          deviceId => this.put({ deviceId }),
        )}
        ${this.choice('scheduleType', msg('How often'), TYPES, scheduleType, type =>
          this.put({ scheduleType: type as ScheduleType }),
        )}
        ${
          scheduleType === 'weekly'
            ? this.choice(
                'dayOfWeek',
                msg('Day of the week'),
                WEEKDAYS.map(day => [day, weekday(day)]),
                draft.dayOfWeek ?? 'monday',
                day => this.put({ dayOfWeek: day as Weekday }),
              )
            : nothing
        }
        ${
          scheduleType === 'monthly'
            ? this.choice(
                'dayOfMonth',
                msg('Day of the month'),
                DAYS.map(day => [`${day}`, number(day)]),
                `${draft.dayOfMonth}`,
                day => this.put({ dayOfMonth: Number(day) }),
                (draft.dayOfMonth ?? 1) > 28 ? msg('In a month that has fewer days, on its last day.') : '',
              )
            : nothing
        }
        <div>
          <label for="timeOfDay">${msg('Time')}</label>
          <input id="timeOfDay" type="time" required aria-describedby="timeOfDay-error" aria-invalid=${this.wrong('timeOfDay') !== undefined}
            .value=${asShown(draft.timeOfDay)} @input=${(event: Event) => this.put({ timeOfDay: text(event) })} />
          ${this.error('timeOfDay')}
        </div>
        ${this.choice(
          'timeZone',
          msg('By the clocks of'),
          this.zones.map(zone => [zone, zone.replaceAll('_', ' ')]),
          draft.timeZone,
          timeZone => this.put({ timeZone }),
        )}
        ${this.choice(
          'resolveConflicts',
          msg('When both sides have changed the same'),
          CLASHES,
          draft.resolveConflicts,
          choice => this.put({ resolveConflicts: choice as ScheduleDraft['resolveConflicts'] }),
        )}
      </div>
      <div class="switch">
        <label for="syncDeletions">${msg('Deletions too')}</label>
        <p class="hint" id="syncDeletions-hint">${msg('Without them this schedule leaves deletions for another sync: one that you ask for, or that comes by itself.')}</p>
        <input type="checkbox" role="switch" id="syncDeletions" aria-describedby="syncDeletions-hint" .checked=${asShown(draft.syncDeletions)}
          @change=${(event: Event) => this.put({ syncDeletions: (event.target as HTMLInputElement).checked })} />
      </div>
      <div class="preview" role="status">${this.coming()}</div>
      ${this.failure ? html`<p class="error" role="alert">${icons.alert} ${visible(this.failure)}</p>` : nothing}
      <div class="actions">
        <button class="main" aria-disabled=${this.busy}>${this.busy ? msg('One moment…') : msg('Make this schedule')}</button>
        <button type="button" class="bare" @click=${this.leave}>${msg('Cancel')}</button>
      </div>
    </form>`;
  }

  private coming(): TemplateResult {
    const { draft, runs, unknown } = this;
    if (unknown) return html`<p>${visible(unknown)}</p>`;
    if (!runs) return loading;
    return html`<h3>${msg(str`${often(draft)}. Its next runs:`)}</h3>
      <ol>${runs.map(at => {
        const { there, here } = runWords(at, draft.timeZone);
        return html`<li>${there}${here ? html` <span class="muted small">(${here})</span>` : nothing}</li>`;
      })}</ol>`;
  }

  private choice(
    name: string,
    label: string,
    options: [string, string][],
    chosen: string,
    choose: (value: string) => void,
    hint = '',
  ): TemplateResult {
    return html`<div>
      <label for=${name}>${label}</label>
      <select id=${name} aria-describedby="${name}-hint ${name}-error" aria-invalid=${this.wrong(name) !== undefined}
        @change=${(event: Event) => choose((event.target as HTMLSelectElement).value)}>
        ${options.map(([value, words]) => html`<option value=${value} .selected=${value === chosen}>${words}</option>`)}
      </select>
      ${hint ? html`<p class="hint" id="${name}-hint">${hint}</p>` : nothing}
      ${this.error(name)}
    </div>`;
  }

  private wrong(name: string): string | undefined {
    return this.errors.find(({ field }) => field === name)?.message;
  }

  private error(name: string): TemplateResult {
    const wrong = this.wrong(name);
    return html`<p class="error" id="${name}-error" ?hidden=${!wrong}>${wrong ? html`${icons.alert} ${visible(wrong)}` : nothing}</p>`;
  }

  private put(change: Partial<ScheduleDraft>): void {
    this.draft = { ...this.draft, ...change };
    this.errors = [];
    this.failure = '';
    void this.preview();
  }

  /** The last question counts. */
  private async preview(): Promise<void> {
    this.asking.abort();
    this.asking = new AbortController();
    const { signal } = this.asking;
    try {
      const { nextRuns } = await askForMe('previewSchedule', { body: this.draft }, signal);
      if (signal.aborted) return;
      this.runs = nextRuns;
      this.unknown = '';
    } catch (error) {
      if (signal.aborted) return;
      const { message, fields = [] } = refusalOf(error);
      this.errors = fields;
      this.unknown = isUnreached(error)
        ? msg(
            'Schedules are made by the server, which cannot be reached now. Its next runs are shown once it can.',
          )
        : fields.length > 0
          ? msg('Its next runs are shown once all is filled in.')
          : message;
    }
  }

  private readonly submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (this.busy) return;
    this.busy = true;
    this.failure = '';
    try {
      const detail = await askForMe('createSchedule', { body: this.draft });
      this.dispatchEvent(new CustomEvent('fs-schedule-made', { detail, bubbles: true, composed: true }));
    } catch (error) {
      const { message, fields = [] } = refusalOf(error);
      this.errors = fields;
      this.failure = message;
      await this.updateComplete;
      const [first] = fields;
      if (first) this.renderRoot.querySelector<HTMLElement>(`#${CSS.escape(first.field)}`)?.focus();
    } finally {
      this.busy = false;
    }
  };

  private leave(): void {
    this.dispatchEvent(new CustomEvent('fs-schedule-left', { bubbles: true, composed: true }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-schedule-form': FsScheduleForm;
  }
  interface HTMLElementEventMap {
    'fs-schedule-made': ScheduleMade;
    'fs-schedule-left': CustomEvent;
  }
}
