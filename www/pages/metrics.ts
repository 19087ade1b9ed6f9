import { msg, str } from '@lit/localize';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { live as asShown } from 'lit/directives/live.js';
import { base } from '../elements/base';
import type { FsConfirm } from '../elements/fs-confirm';
import type { Series } from '../elements/fs-plot';
import { icons } from '../elements/icons';
import { fields, figures, page } from '../elements/page';
import { checkFigures } from '../lib/check-figures';
import { asCallError, connect } from '../lib/client';
import { QUALITIES } from '../lib/describe';
import { bytes, number, percent, plural } from '../lib/format';
import type { ConnectionQuality, MetricsReport, SessionMetrics, Settings } from '../lib/generated';
import { LiveController, live } from '../lib/live';
import { adviceWords } from '../lib/said-by-engine';
import { ChecksController, standing } from '../lib/scheduler';
import { visible } from '../lib/text';
import { toast } from '../lib/toast';
import '../elements/fs-confirm';
import '../elements/fs-plot';

/** So many syncs fit into a plot that can still be read. */
const SHOWN = 60;

/** What the last syncs came to: items, bytes, success, battery; and what they suggest. */
@customElement('fs-metrics')
export class FsMetrics extends LitElement {
  static override styles = [
    base,
    page,
    fields,
    figures,
    css`
      .plots {
        display: grid;
        gap: var(--fs-4);
      }
      .plots > * {
        min-width: 0;
      }
      .plots p.big {
        font-size: var(--fs-large);
        font-weight: 650;
        line-height: 1.3;
        font-variant-numeric: tabular-nums;
      }
      .plots h2 {
        margin: 0;
        color: var(--fs-muted);
        font-size: var(--fs-small);
        font-weight: 400;
      }
      .plots p.small,
      .checks p.small {
        margin-bottom: var(--fs-2);
      }
      .advice {
        display: grid;
        gap: var(--fs-2);
        list-style: none;
      }
      .advice li {
        padding-inline-start: var(--fs-3);
        border-inline-start: 4px solid var(--fs-blue);
      }
      .keep {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: var(--fs-3);
      }
      .keep label {
        display: flex;
        align-items: center;
        gap: var(--fs-3);
        font-weight: 600;
      }
      @media (min-width: 1100px) {
        .plots {
          grid-template-columns: 1fr 1fr;
        }
      }
    `,
  ];

  @state() private report: MetricsReport | undefined;
  @state() private settings: Settings | undefined;
  @state() private failure = '';
  @query('h1') private heading!: HTMLElement;
  @query('fs-confirm') private confirm!: FsConfirm;
  private seen = -1;

  constructor() {
    super();
    new LiveController(this, () => void this.follow());
    new ChecksController(this);
  }

  override focus(options?: FocusOptions): void {
    this.heading.focus(options);
  }

  override render(): TemplateResult {
    const { report, settings, failure } = this;
    const sessions = report ? sessionsOf(report) : [];
    const checks = standing();
    return html`<div class="head">
        <div>
          <h1 tabindex="-1">${msg('Figures')}</h1>
          <p class="lead">${msg('What each sync carried and cost. They stay on this device.')}</p>
        </div>
      </div>
      ${failure && !live.failure ? html`<p class="trouble" role="alert">${icons.alert} ${visible(failure)}</p>` : nothing}
      ${report ? this.content(report, sessions) : nothing}
      ${
        checks
          ? html`<section class="card checks" aria-labelledby="checks">
              <h2 id="checks">${msg('Sync checks')}</h2>
              <p class="small muted">${msg('What this page has seen since it was opened.')}</p>
              <dl class="figures">${checkFigures(checks)}</dl>
            </section>`
          : nothing
      }
      ${
        settings
          ? html`<section class="card keep" aria-label=${msg('Keeping figures')}>
              <label><input type="checkbox" role="switch" .checked=${asShown(settings.metrics)} @change=${this.turn} />
                ${plural(settings.metricsDays, msg('Keep figures for # day|Keep figures for # days'))}</label>
              ${sessions.length > 0 ? html`<button type="button" @click=${this.erase}>${icons.bin} ${msg('Erase them')}</button>` : nothing}
            </section>`
          : nothing
      }
      <fs-confirm></fs-confirm>`;
  }

  private content(
    { averagePerformance: average, advice }: MetricsReport,
    sessions: SessionMetrics[],
  ): TemplateResult {
    if (sessions.length === 0) {
      return html`<p class="empty"><b>${msg('No figures yet')}</b>${
        this.settings?.metrics === false
          ? msg('They are switched off. Switch them on below to see what each sync carries and costs.')
          : msg('After the first sync that sends something you see here what it carried and cost.')
      }</p>`;
    }
    const { itemsPerMinute, successRate, averageBatteryUsage } = average;
    const sum = (of: (session: SessionMetrics) => number) =>
      sessions.reduce((all, session) => all + of(session), 0);
    const [before, after] = [sum(one => one.totalDataSynced), sum(one => one.networkUsage)];
    const sent = sum(one => one.itemsSucceeded);
    const saved = before > after ? msg(str`${percent(before - after, before)} fewer bytes`) : bytes(after);
    const batteries = sessions.map(({ batteryUsed = null }) => batteryUsed);
    const links = sessions.map(one => one.connectionQuality);
    const linked = links.filter(quality => quality !== undefined);
    const known = batteries.some(used => used !== null);
    return html`${
      advice.length > 0
        ? html`<section class="card" aria-labelledby="advice">
            <h2 id="advice">${msg('What they suggest')}</h2>
            <ul class="advice" role="list">${advice.map(one => html`<li>${visible(adviceWords(one))}</li>`)}</ul>
          </section>`
        : nothing
    }
      <div class="plots">
        ${plot(
          msg('Items'),
          plural(sent, msg('# sent|# sent')),
          msg(str`${number(Math.round(itemsPerMinute))} a minute while sending`),
          sessions,
          [
            { name: msg('Accepted'), tone: 'green', values: sessions.map(one => one.itemsSucceeded) },
            { name: msg('Not accepted'), tone: 'red', values: sessions.map(one => one.itemsFailed) },
          ],
        )}
        ${plot(
          msg('Bytes'),
          saved,
          msg(str`${bytes(before)} of records, ${bytes(after)} on the wire`),
          sessions,
          [
            { name: msg('Records'), tone: 'grey', values: sessions.map(one => one.totalDataSynced) },
            { name: msg('On the wire'), tone: 'blue', values: sessions.map(one => one.networkUsage) },
          ],
          bytes,
        )}
        ${plot(
          msg('Success'),
          percent(successRate, 1),
          msg('of what the server answered was accepted'),
          sessions,
          [{ name: msg('Accepted'), tone: 'green', line: true, values: sessions.map(rate) }],
          tenths,
          104,
        )}
        ${
          linked.length > 0
            ? plot(
                msg('Connection'),
                QUALITIES[linked.at(-1) ?? 'offline'],
                msg('at the end of the last sync'),
                sessions,
                [{ name: msg('Connection'), tone: 'blue', line: true, values: links.map(levelOf) }],
                levelWords,
                3.2,
              )
            : nothing
        }
        ${
          known
            ? plot(
                msg('Battery'),
                averageBatteryUsage === null ? msg('Not known') : tenths(averageBatteryUsage),
                msg('used by a sync, on average'),
                sessions,
                [{ name: msg('Battery used'), tone: 'amber', values: batteries }],
                tenths,
              )
            : html`<section class="card" aria-labelledby="plot-battery">
                <h2 id="plot-battery">${msg('Battery')}</h2>
                <p class="big">${msg('Not known')}</p>
                <p class="small muted">${msg('It was being charged, or this device does not say.')}</p>
              </section>`
        }
      </div>`;
  }

  private async turn(event: Event): Promise<void> {
    const metrics = (event.target as HTMLInputElement).checked;
    try {
      this.settings = await (await connect()).setSettings({ metrics });
      toast({
        key: 'metrics',
        kind: 'done',
        message: metrics ? msg('Figures are kept again.') : msg('No more figures are kept.'),
      });
    } catch (error) {
      this.requestUpdate();
      toast({ kind: 'trouble', message: asCallError(error).message });
    }
  }

  private async erase(): Promise<void> {
    const sure = await this.confirm.ask({
      title: msg('Erase the figures?'),
      text: msg('What past syncs carried and cost will be gone. Your entries and receipts stay.'),
      yes: msg('Erase'),
      no: msg('Keep them'),
    });
    if (!sure) return;
    try {
      await (await connect()).eraseMetrics();
      this.seen = -1;
      await this.follow();
      toast({ kind: 'done', message: msg('The figures are erased.') });
      this.heading.focus();
    } catch (error) {
      toast({ kind: 'trouble', message: asCallError(error).message });
    }
  }

  private async follow(): Promise<void> {
    if (this.seen === live.revision || live.failure) return;
    this.seen = live.revision;
    try {
      const client = await connect();
      [this.report, this.settings] = await Promise.all([client.metrics(), client.settings()]);
      this.failure = '';
    } catch (error) {
      this.failure = asCallError(error).message;
    }
  }
}

/** Those that carried something, the oldest first. */
function sessionsOf({ current, historical }: MetricsReport): SessionMetrics[] {
  const all = current
    ? [current, ...historical.filter(({ sessionId }) => sessionId !== current.sessionId)]
    : historical;
  return all
    .filter(({ itemsProcessed }) => itemsProcessed > 0)
    .slice(0, SHOWN)
    .reverse();
}

/** From the worst up, as they stand in the plot. */
const LEVELS: readonly ConnectionQuality[] = ['offline', 'poor', 'good', 'excellent'];

const levelOf = (quality: ConnectionQuality | undefined): number | null =>
  quality === undefined ? null : LEVELS.indexOf(quality);

/** Nothing for what lies between two of them. */
function levelWords(level: number): string {
  const quality = LEVELS[level];
  return quality ? QUALITIES[quality] : '';
}

/** Such as `2.5 %`. */
const tenths = (value: number): string => percent(value, 100, 1);

const rate = ({ itemsSucceeded, itemsProcessed }: SessionMetrics): number | null =>
  itemsProcessed > 0 ? Math.round((1_000 * itemsSucceeded) / itemsProcessed) / 10 : null;

function plot(
  title: string,
  big: string,
  more: string,
  sessions: SessionMetrics[],
  series: Series[],
  format: (value: number) => string = number,
  top = 0,
): TemplateResult {
  const id = `plot-${title.replaceAll(/\s+/g, '-')}`;
  return html`<section class="card" aria-labelledby=${id}>
    <h2 id=${id}>${title}</h2>
    <p class="big">${big}</p>
    <p class="small muted">${more}</p>
    <fs-plot .label=${msg(str`${title} of the last ${plural(sessions.length, msg('# sync|# syncs'))}: ${big}, ${more}`)}
      .times=${sessions.map(({ startTime }) => startTime)} .series=${series} .format=${format} .top=${top}></fs-plot>
  </section>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-metrics': FsMetrics;
  }
}
