import { css, html, LitElement, type TemplateResult } from 'lit';
import { customElement } from 'lit/decorators.js';
import { count } from '../lib/format';
import type { Status } from '../lib/generated';
import { LiveController, live } from '../lib/live';
import { base } from './base';
import { icons } from './icons';

/** Whether there is a network, and how much waits: an icon, a word and a number. Offline is a state, not an error. */
@customElement('fs-indicator')
export class FsIndicator extends LitElement {
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
      .need {
        color: var(--fs-red);
      }
    `,
  ];

  constructor() {
    super();
    new LiveController(this);
  }

  override render(): TemplateResult {
    const { status } = live;
    if (!status) return html`<p><span class="rest">${live.failure ? 'Not running' : 'Starting'}</span></p>`;
    const { totals } = status;
    const waiting = totals.pending + totals.retryAt;
    const need = totals.conflict + totals.setAside;
    return html`<p>
      ${network(status, waiting)}
      ${need > 0 ? html`<span class="need">${icons.alert} ${count(need, 'needs you', 'need you')}</span>` : ''}
    </p>`;
  }
}

function network(status: Status, waiting: number): TemplateResult {
  const amount = waiting > 0 ? ` · ${waiting} waiting` : '';
  const { isOnline } = status.connectivity;
  if (isOnline === false) return html`<span class="rest">${icons.cloudOff} Offline${amount}</span>`;
  if (status.isActive && waiting > 0) {
    return html`<span class="working turning">${icons.sync} Syncing${amount}</span>`;
  }
  const word = isOnline ? 'Online' : 'Network unknown';
  return html`<span class="rest">${isOnline ? icons.cloud : icons.unknown} ${word}${amount}</span>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-indicator': FsIndicator;
  }
}
