import { msg } from '@lit/localize';
import { css, html, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { activity, nextTry } from '../lib/activity';
import type { Fieldsync } from '../lib/client';
import { plural, span } from '../lib/format';
import type { Status } from '../lib/generated';
import { holdWords } from '../lib/said-by-engine';
import { Countdown, LiveController } from '../lib/source';
import { visible } from '../lib/text';
import { base } from './base';
import { icons } from './icons';
import { Unhurried } from './unhurried';

/**
 * Whether there is a network, and how much waits: an icon, a word and a number. Offline is a state, not an error. While
 * something keeps the queue from moving, that stands here. `data-long` says that it is more than a word.
 */
@customElement('fs-indicator')
export class FsIndicator extends Unhurried {
  static override styles = [
    base,
    css`
      p {
        display: flex;
        flex-wrap: wrap;
        gap: 0 var(--fs-2);
        font-size: var(--fs-small);
        line-height: 1.4;
        font-weight: 550;
      }
      span {
        display: inline-flex;
        align-items: center;
        gap: var(--fs-1);
      }
      .rest {
        color: var(--fs-grey);
      }
      .working {
        color: var(--fs-blue);
      }
      .waiting {
        color: var(--fs-amber);
      }
      :host([data-long]) p {
        line-height: 1.3;
      }
      .need {
        color: var(--fs-red);
      }
    `,
  ];

  /** Whose state it shows; in the app the page's own engine's. */
  @property({ attribute: false }) client: Fieldsync | undefined;
  /** The state itself, where there is no engine. */
  @property({ attribute: false }) status: Status | undefined;

  private readonly source = new LiveController(this);
  private readonly countdown = new Countdown(this, this.source);

  override updated(): void {
    const { seen } = this;
    this.toggleAttribute(
      'data-long',
      seen !== undefined && (waitingIn(seen) > 0 || Boolean(activity(seen).hold)),
    );
  }

  private get seen(): Status | undefined {
    return this.status ?? this.source.live?.status;
  }

  override render(): TemplateResult {
    const status = this.seen;
    if (!status)
      return html`<p><span class="rest" part="network">${this.source.live?.failure ? msg('Not running') : msg('Starting')}</span></p>`;
    const left = this.countdown.left(nextTry(activity(status).hold));
    const need = status.totals.conflict + status.totals.setAside;
    return html`<p>
      ${network(status, left)}
      ${need > 0 ? html`<span class="need" part="need">${icons.alert} ${plural(need, msg('# needs you|# need you'))}</span>` : ''}
    </p>`;
  }
}

/** How many move by themselves. */
const waitingIn = ({ totals }: Status): number => totals.pending + totals.retryAt;

function network(status: Status, left: number | undefined): TemplateResult {
  const waiting = waitingIn(status);
  const amount = waiting > 0 ? ` · ${plural(waiting, msg('# waiting|# waiting'))}` : '';
  const { isOnline } = status.connectivity;
  const { active, hold } = activity(status);
  if (isOnline === false && !active)
    return html`<span class="rest" part="network">${icons.cloudOff} ${msg('Offline')}${amount}</span>`;
  if (active && waiting > 0) {
    return html`<span class="working turning" part="network">${icons.sync} ${msg('Syncing')}${amount}</span>`;
  }
  if (hold && (left || !nextTry(hold))) {
    return html`<span class="waiting" part="network">${icons.clock} <span>${visible(holdWords(hold), 80)}${left ? ` · ${span(left)}` : ''} · ${plural(waiting, msg('# waiting|# waiting')).replace(' ', '\u00a0')}</span></span>`;
  }
  const word = isOnline ? msg('Online') : msg('Network unknown');
  return html`<span class="rest" part="network">${isOnline ? icons.cloud : icons.unknown} ${word}${amount}</span>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-indicator': FsIndicator;
  }
}
