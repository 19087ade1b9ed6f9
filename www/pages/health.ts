import { msg, str } from '@lit/localize';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { base } from '../elements/base';
import type { Health } from '../elements/fs-badge';
import type { FsConfirm } from '../elements/fs-confirm';
import { health } from '../elements/fs-health-badge';
import { figures, page } from '../elements/page';
import { ago } from '../lib/ago';
import { lostWords, noted } from '../lib/canary';
import { checkFigures, figure } from '../lib/check-figures';
import { asCallError, connect } from '../lib/client';
import { exactly, number, plural, span } from '../lib/format';
import type { Device, HealthReport, HealthWarning, SchedulerView } from '../lib/generated';
import { advised, warned } from '../lib/health-words';
import { ChecksController, request, standing, theWorker } from '../lib/scheduler';
import { ask } from '../lib/server';
import { visible } from '../lib/text';
import { toast } from '../lib/toast';
import { counted, figuresOf } from '../lib/watching';
import '../elements/fs-confirm';

const SENTENCES: Record<Health, string> = {
  starting: msg('The first check comes in a moment.'),
  aligned: msg('Your devices are up to date.'),
  needed: msg('This device needs a sync.'),
  failed: msg('The last check failed. The server did not answer as it should.'),
};

/** Whether a person's devices are in step, which they are, and the checks that watch over it. */
@customElement('fs-health')
export class FsHealth extends LitElement {
  static override styles = [
    base,
    page,
    figures,
    css`
      .status {
        display: grid;
        gap: var(--fs-3);
      }
      .status > div {
        display: flex;
        align-items: center;
        gap: var(--fs-3);
        font-weight: 650;
      }
      ul {
        display: grid;
        gap: var(--fs-3);
        list-style: none;
      }
      .warnings li {
        padding-inline-start: var(--fs-3);
        border-inline-start: 4px solid var(--fs-line);
      }
      .warnings .critical {
        border-color: var(--fs-red);
      }
      .warnings .warning {
        border-color: var(--fs-amber);
      }
      .warnings .info {
        border-color: var(--fs-blue);
      }
      .devices li {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: var(--fs-2) var(--fs-3);
        overflow-wrap: anywhere;
      }
      .devices p {
        color: var(--fs-muted);
        font-size: var(--fs-small);
      }
    `,
  ];

  @state() private checking = false;
  @state() private devices: Device[] | undefined;
  @query('h1') private heading!: HTMLElement;
  @query('fs-confirm') private confirm!: FsConfirm;
  #timer: number | undefined;

  constructor() {
    super();
    new ChecksController(this);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.look();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
  }

  override focus(options?: FocusOptions): void {
    this.heading.focus(options);
  }

  override render(): TemplateResult {
    const view = standing();
    const report = view?.report;
    const next = view?.nextRun ? view.nextRun - Date.now() : 0;
    this.countDown(next);
    return html`<div class="head">
        <div>
          <h1 tabindex="-1">${msg('Sync health')}</h1>
          <p class="lead">${msg('Whether your devices are in step with one another.')}</p>
        </div>
      </div>
      <section class="card status" aria-label=${msg('Status')}>
        <div role="status"><fs-health-badge></fs-health-badge>
          ${this.checking || view?.isChecking ? msg('Checking …') : SENTENCES[health()]}</div>
        <p class="small">${view?.lastRun ? html`<time datetime=${new Date(view.lastRun).toISOString()} title=${exactly(view.lastRun)}>${msg(str`Last check: ${ago(view.lastRun)}`)}</time>` : msg('Not checked yet')}
          ${next > 0 ? html` · ${msg(str`Next check in ${span(next)}`)}` : nothing}</p>
        <button type="button" ?disabled=${this.checking} @click=${this.check}>${msg('Run check now')}</button>
      </section>
      ${typeof view?.lost === 'number' ? this.lost(view.lost) : nothing}
      ${this.warnings(report?.warnings ?? [])}
      ${report ? this.advice(report) : nothing}
      ${this.devices ? this.roster(this.devices) : nothing}
      ${view ? this.debug(view) : nothing}
      <fs-confirm></fs-confirm>`;
  }

  private advice(report: HealthReport): TemplateResult {
    const { words, to } = advised(report);
    return html`<section class="card"><h2>${msg('What to do')}</h2>
      <p>${to ? html`<a href=${to}>${words}</a>` : words}</p></section>`;
  }

  private lost(waiting: number): TemplateResult {
    return html`<section class="card status" role="alert"><h2>${msg('The browser removed what was stored on this device')}</h2>
      <p>${lostWords(waiting)}</p>
      <p class="small">${msg('It does so when room runs out, or after a long time without use. Install the app and let it keep its storage, and it does not happen again.')}</p>
      <button type="button" @click=${noted}>${msg('I understand')}</button></section>`;
  }

  private warnings(warnings: HealthWarning[]): TemplateResult | typeof nothing {
    // Of what was lost more is said above, and also offline.
    const all = warnings.filter(({ metadata }) => metadata?.code !== 'evicted');
    if (all.length === 0) return nothing;
    return html`<section class="card warnings"><h2>${msg('Warnings')}</h2>
      <ul role="list">${all.map(warning => {
        const [message, advice] = warned(warning);
        const name = warning.deviceName || warning.deviceId;
        return html`<li class=${warning.severity}><b>${name ? html`${visible(name)}: ` : nothing}${message}</b><p>${advice}</p></li>`;
      })}</ul></section>`;
  }

  private roster(devices: Device[]): TemplateResult {
    return html`<section class="card devices"><h2>${msg('Your devices')}</h2>
      <ul role="list">${devices.map(
        device => html`<li><div><b>${visible(device.name || (device.current ? msg('This device') : device.deviceId))}</b>
            <p>${this.told(device)}</p></div>
          ${device.current || device.revokedAt ? nothing : html`<button type="button" @click=${() => this.revoke(device)}>${msg('Revoke')}</button>`}</li>`,
      )}</ul></section>`;
  }

  private told({ current, revokedAt, lastSeenAt, lastRotation, pending, oldestUnsentAt }: Device): string {
    if (revokedAt) return msg(str`Revoked ${ago(revokedAt)}`);
    return [
      current ? msg('This device') : msg(str`Last seen ${ago(lastSeenAt)}`),
      lastRotation ? msg(str`Keys ${number(lastRotation.sequence)}`) : '',
      pending ? plural(pending, msg('# entry waits|# entries wait')) : '',
      pending && oldestUnsentAt ? msg(str`the oldest was entered ${ago(oldestUnsentAt)}`) : '',
    ]
      .filter(Boolean)
      .join(' · ');
  }

  private debug(view: SchedulerView): TemplateResult {
    const { done, failed } = figuresOf(view);
    return html`<details><summary>${msg('Details for support')}</summary>
      <dl class="figures">
        ${figure(msg('Scheduler'), view.state)} ${figure(msg('Checks done'), number(done))}
        ${figure(msg('Checks failed'), number(failed))} ${checkFigures(view)}
      </dl></details>`;
  }

  /** Once a second while it is looked at, and only while less than an hour is left: before, once a minute. */
  private countDown(left: number): void {
    clearTimeout(this.#timer);
    if (left <= 0) return;
    this.#timer = window.setTimeout(() => this.requestUpdate(), left > 3_600_000 ? 60_000 : 1_000);
  }

  private async check(): Promise<void> {
    this.checking = true;
    try {
      const asked = theWorker();
      const { failed, isChecking, counts } = await request('sync:scheduler:checkNow');
      if (asked) counted(counts);
      if (isChecking) toast({ key: 'check', message: msg('Check already in progress') });
      else if (failed) toast({ key: 'check', kind: 'trouble', message: msg('Sync check failed') });
      else toast({ key: 'check', kind: 'done', message: msg('Sync check completed') });
      await this.look();
    } catch (error) {
      toast({
        key: 'check',
        kind: 'trouble',
        message: `${msg('Sync check failed')}. ${asCallError(error).message}`,
      });
    } finally {
      this.checking = false;
    }
  }

  /** Without a network, or signed out, there is no list. */
  private async look(): Promise<void> {
    try {
      const { deviceId } = await (await connect()).account();
      const { devices } = await ask('devices', {}, await this.token());
      // Without a token, as in the demo, the server does not know who asks.
      this.devices = devices.map(device => ({ ...device, current: device.deviceId === deviceId }));
    } catch {
      // As it was: what is shown of devices is old at most.
    }
  }

  private async token(): Promise<{ token?: string }> {
    const { accessToken } = await (await connect()).account();
    return accessToken === undefined ? {} : { token: accessToken };
  }

  private async revoke({ deviceId, name }: Device): Promise<void> {
    const sure = await this.confirm.ask({
      title: msg(str`Revoke ${visible(name || deviceId)}?`),
      text: msg('It can send and read nothing more, for good. What waits on it stays there.'),
      yes: msg('Revoke'),
      no: msg('Keep it'),
    });
    if (!sure) return;
    try {
      await ask('revokeDevice', { path: { id: deviceId } }, await this.token());
      toast({ kind: 'done', message: msg('The device is revoked.') });
    } catch (error) {
      toast({ kind: 'trouble', message: asCallError(error).message });
    }
    await this.look();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-health': FsHealth;
  }
}
