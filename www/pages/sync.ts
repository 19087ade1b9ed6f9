import { msg, str } from '@lit/localize';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { base, stateColours } from '../elements/base';
import { icons } from '../elements/icons';
import { figures, page } from '../elements/page';
import { nextTry } from '../lib/activity';
import { asCallError, connect } from '../lib/client';
import { setPaused } from '../lib/deeds';
import { QUALITIES } from '../lib/describe';
import { number, percent, when } from '../lib/format';
import type { Connectivity, ConnectivityTest, Status } from '../lib/generated';
import { Countdown, LiveController, live } from '../lib/live';
import { sentence } from '../lib/sentence';
import { syncPages } from '../lib/sync-pages';
import { visible } from '../lib/text';
import { toast } from '../lib/toast';
import '../elements/fs-progress';

const KIND = { wifi: msg('Wi-Fi'), cellular: msg('Mobile'), ethernet: msg('Cable'), unknown: msg('Unknown') };

/** How many items are where, and the way to them. */
function counts({ totals, currentProgress }: Status): TemplateResult {
  const to = (path: string, n: number) => (n > 0 ? html`<a href=${path}>${number(n)}</a>` : number(n));
  const sent = currentProgress?.completedItems ?? 0;
  return html`<dl class="figures">
    <div><dt>${msg('To be sent')}</dt><dd>${to(`/sync/queue${totals.blocked ? '' : '?state=pending'}`, totals.pending + totals.blocked)}</dd></div>
    <div><dt>${msg('Waiting for another try')}</dt><dd>${to('/sync/queue?state=retryAt', totals.retryAt)}</dd></div>
    <div><dt>${msg('Need you')}</dt><dd>${to(totals.conflict > 0 ? '/sync/conflicts' : '/sync/queue?state=setAside', totals.conflict + totals.setAside)}</dd></div>
    <div><dt>${msg('Sent in the last sync')}</dt><dd>${to('/sync/receipts', sent)}</dd></div>
  </dl>`;
}

/** How sync stands, in a sentence; the link and the battery; and the way to everything else. */
@customElement('fs-sync')
export class FsSync extends LitElement {
  static override styles = [
    base,
    stateColours,
    page,
    figures,
    css`
      .now {
        display: grid;
        grid-template-columns: auto 1fr;
        gap: var(--fs-1) var(--fs-3);
        align-items: center;
      }
      .now svg {
        width: 32px;
        height: 32px;
      }
      .now p {
        grid-column: 2;
        color: var(--fs-muted);
      }
      .menu {
        overflow: hidden;
        padding: 0;
        list-style: none;
      }
      .menu a {
        display: grid;
        grid-template-columns: 24px 1fr auto auto;
        gap: 0 var(--fs-3);
        align-items: center;
        min-height: 64px;
        padding: var(--fs-2) var(--fs-3) var(--fs-2) var(--fs-4);
        text-decoration: none;
      }
      .menu li + li a {
        border-top: 1px solid var(--fs-line);
      }
      .menu a:focus-visible {
        outline-offset: -4px;
        box-shadow: none;
      }
      .menu b {
        display: block;
        font-weight: 600;
        line-height: 1.3;
      }
      .menu .small {
        display: block;
        line-height: 1.35;
      }
      .menu .count {
        font-weight: 650;
      }
      .menu svg {
        color: var(--fs-muted);
      }
      .tried {
        display: flex;
        gap: var(--fs-2);
        margin-top: var(--fs-3);
      }
      .card .actions {
        margin-top: var(--fs-4);
      }
      .facts {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(150px, 1fr));
        gap: var(--fs-3) var(--fs-4);
      }
      .facts dt {
        color: var(--fs-muted);
        font-size: var(--fs-small);
      }
      .facts dd {
        font-weight: 600;
      }
      .figures a {
        text-decoration-thickness: 1px;
      }
      @media (min-width: 900px) {
        .menu {
          display: none;
        }
      }
    `,
  ];

  @state() private test: ConnectivityTest | undefined;
  @state() private testing = false;
  private readonly countdown = new Countdown(this, new LiveController(this));

  override focus(options?: FocusOptions): void {
    this.renderRoot.querySelector('h1')?.focus(options);
  }

  override render(): TemplateResult {
    const { status } = live;
    return html`${status ? this.now(status) : this.starting()}
      <fs-progress variant="compact"></fs-progress>
      ${status ? counts(status) : nothing}
      <ul class="card menu" role="list">
        ${syncPages.slice(1).map(({ path, title, purpose, icon, count }) => {
          const { n, need } = (status && count?.(status)) ?? { n: 0 };
          return html`<li>
            <a href=${path}>
              ${icon}<span><b>${title}</b><span class="small muted">${purpose}</span></span>
              <span class="count numbers ${need ? 'red' : ''}">${n > 0 ? number(n) : nothing}</span>
              ${icons.on}
            </a>
          </li>`;
        })}
      </ul>
      ${status ? this.link(status.connectivity) : nothing}`;
  }

  private starting(): TemplateResult {
    const { failure } = live;
    if (!failure) return html`<h1 tabindex="-1">${msg('Starting')}</h1>`;
    return html`<h1 tabindex="-1">${msg('This device cannot sync just now')}</h1>
      <p class="trouble" role="alert">${icons.alert} ${visible(failure.message)}</p>
      <div><button type="button" @click=${() => location.reload()}>${msg('Reload')}</button></div>`;
  }

  private now(status: Status): TemplateResult {
    const { words, more, icon, tone } = sentence(status, this.countdown.left(nextTry(status.hold)));
    const { isPaused, lastError, totals } = status;
    const need = totals.conflict + totals.setAside;
    return html`<div class="now">
        <span class="${tone} ${tone === 'blue' ? 'turning' : ''}">${icon}</span>
        <h1 tabindex="-1" class="numbers">${visible(words)}</h1>
        ${more ? html`<p>${visible(more)}</p>` : nothing}
      </div>
      ${
        lastError && status.queueSize > 0
          ? html`<p class="small muted">${msg('Last trouble:')} <bdi>${visible(lastError)}</bdi></p>`
          : nothing
      }
      <div class="actions">
        ${need > 0 ? html`<a class="button" href=${totals.conflict > 0 ? '/sync/conflicts' : '/sync/queue?state=setAside'}>${icons.alert} ${msg('What needs you')}</a>` : nothing}
        <button type="button" @click=${this.pause}>
          ${isPaused ? html`${icons.play} ${msg('Go on sending')}` : html`${icons.pause} ${msg('Pause')}`}
        </button>
      </div>`;
  }

  private link(seen: Connectivity): TemplateResult {
    const {
      isOnline,
      connectionType,
      connectionQuality,
      networkSpeed,
      lastConnected,
      batteryLevel,
      isCharging,
    } = seen;
    const unknown = msg('Unknown');
    const online = isOnline === null ? unknown : isOnline ? KIND[connectionType] : msg('Offline');
    const battery = batteryLevel === null ? unknown : percent(batteryLevel, 100);
    const facts: [string, string][] = [
      [msg('Network'), online === unknown && isOnline ? msg('Online') : online],
      [msg('Quality'), connectionQuality ? QUALITIES[connectionQuality] : msg('Not measured')],
      [
        msg('Speed'),
        networkSpeed === null
          ? msg('Not measured')
          : msg(str`${number(Math.round(networkSpeed * 100) / 100)} Mbit/s`),
      ],
      [msg('Server last answered'), lastConnected === null ? msg('Not yet') : when(lastConnected)],
      [msg('Battery'), isCharging ? msg(str`${battery}, charging`) : battery],
    ];
    return html`<section class="card" aria-labelledby="link">
      <h2 id="link">${msg('Connection and battery')}</h2>
      <dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd class="numbers">${value}</dd></div>`)}</dl>
      <div class="actions">
        <button type="button" aria-disabled=${this.testing} class=${this.testing ? 'turning' : ''} @click=${this.look}>
          ${this.testing ? html`${icons.sync} ${msg('Testing')}` : msg('Test the connection')}
        </button>
      </div>
      <div role="status">${this.test ? this.outcome(this.test) : nothing}</div>
    </section>`;
  }

  private outcome({ reachable, roundTripMs, pings, answered }: ConnectivityTest): TemplateResult {
    if (!reachable) {
      return html`<p class="tried">${icons.cloudOff} ${msg('The server does not answer from here. What you save stays on this device.')}</p>`;
    }
    const steady =
      answered === pings
        ? msg('The server answered every time.')
        : msg(str`The server answered ${number(answered)} of ${number(pings)} times.`);
    const time =
      roundTripMs === undefined
        ? ''
        : msg(str`That took ${number(Math.max(1, Math.round(roundTripMs)))} ms.`);
    return html`<p class="tried"><span class="green">${icons.tick}</span> ${steady} ${time}</p>`;
  }

  private async look(): Promise<void> {
    if (this.testing) return;
    this.testing = true;
    try {
      this.test = await (await connect()).testConnection();
    } catch (error) {
      toast({ kind: 'trouble', message: asCallError(error).message });
    } finally {
      this.testing = false;
      live.refresh();
    }
  }

  private pause(): Promise<void> {
    return setPaused(!live.status?.isPaused);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-sync': FsSync;
  }
}
