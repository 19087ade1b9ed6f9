import { msg, str } from '@lit/localize';
import { css, html, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { activity, nextTry, syncCounts } from '../lib/activity';
import { asCallError, connect } from '../lib/client';
import { span } from '../lib/format';
import type { Hold, Settled } from '../lib/generated';
import { LiveController, live } from '../lib/live';
import { holdWords } from '../lib/said-by-engine';
import { toast } from '../lib/toast';
import { base } from './base';
import { icons } from './icons';
import { Unhurried } from './unhurried';

/** Sends what waits, by hand; on the same path as the sync that comes by itself. */
@customElement('fs-sync-button')
export class FsSyncButton extends Unhurried {
  static override styles = [
    base,
    css`
      button {
        padding: var(--fs-2) var(--fs-3);
        white-space: nowrap;
      }
      @media (max-width: 479px) {
        button {
          flex-direction: column;
          gap: 0;
          min-width: 76px;
          min-height: 52px;
          padding: var(--fs-1) var(--fs-2);
          font-size: 0.7941rem;
        }
      }
    `,
  ];

  @state() private asked = false;

  constructor() {
    super();
    new LiveController(this);
  }

  override render(): TemplateResult {
    const running = this.running;
    const why = running ? msg('You have started a sync; it is running') : msg('Send what is waiting (S)');
    return html`<button
      type="button"
      aria-disabled=${running}
      title=${why}
      aria-describedby="why"
      class=${running ? 'turning' : ''}
      @click=${this.sync}
    >
      ${icons.sync} ${running ? msg('Syncing') : msg('Sync now')}
    </button>
    <span id="why" class="unseen">${why}</span>`;
  }

  /** While a sync runs that came by itself a person may still join it: it is theirs then. */
  private get running(): boolean {
    const progress = live.status && activity(live.status).progress;
    return this.asked || (progress?.trigger === 'manual' && progress.endedAt === undefined);
  }

  /** What the button does; also behind the key. */
  async sync(): Promise<void> {
    if (this.running) return;
    this.asked = true;
    try {
      const client = await connect();
      toast({ key: 'sync', ...outcome(await client.syncNow()) });
    } catch (error) {
      toast({ key: 'sync', kind: 'trouble', message: asCallError(error).message });
    } finally {
      this.asked = false;
      live.refresh();
    }
  }
}

function outcome({ progress, remaining, hold }: Settled): { message: string; kind: 'done' | 'plain' } {
  const { completedItems, failedItems } = progress;
  const counts = syncCounts(progress);
  if (remaining > 0 && hold) {
    const why = `${holdWords(hold)}.${soon(hold)}`;
    return { kind: 'plain', message: completedItems > 0 ? `${counts}. ${why}` : why };
  }
  if (completedItems + failedItems === 0)
    return { kind: 'plain', message: msg('Nothing is waiting to be sent.') };
  return { kind: failedItems > 0 ? 'plain' : 'done', message: `${msg('Sync finished.')} ${counts}` };
}

/** When it goes on by itself, where that is a time and not another window's work. */
function soon(hold: Hold): string {
  const left = (nextTry(hold) ?? 0) - Date.now();
  const { why } = hold;
  return left > 0 && why !== 'elsewhere' && why !== 'slice' ? ` ${msg(str`Next try in ${span(left)}.`)}` : '';
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-sync-button': FsSyncButton;
  }
}
