import { msg } from '@lit/localize';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { nextTry } from '../lib/activity';
import { asCallError, connect } from '../lib/client';
import { number } from '../lib/format';
import type { Item, ItemState } from '../lib/generated';
import { LiveController, live } from '../lib/live';
import { readingOf } from '../lib/reading';
import { holdWords } from '../lib/said-by-engine';
import { visible } from '../lib/text';
import { base } from './base';
import { icons } from './icons';

/** What is true of the reading that was just saved, wherever it is by now. */
const WORDS: Record<ItemState, string> = {
  pending: msg('Saved on this device. It will be sent when there is a connection.'),
  inFlight: msg('Saved on this device. It is being sent.'),
  retryAt: msg('Saved on this device. It will be sent again by itself.'),
  blocked: msg('Saved on this device. It will be sent after an earlier entry that it builds on.'),
  conflict: msg('Saved on this device, but it needs you: the server has another reading.'),
  setAside: msg('Saved on this device, but it needs you: the server did not accept it.'),
  done: msg('Saved on this device and on the server.'),
};

/** The word that a reading is saved. It follows its item, so that it never says what is no longer so. */
@customElement('fs-saved')
export class FsSaved extends LitElement {
  static override styles = [
    base,
    css`
      p {
        display: flex;
        gap: var(--fs-2);
        margin-bottom: var(--fs-3);
        padding: var(--fs-2) var(--fs-3);
        border-radius: var(--fs-radius);
        background: var(--fs-green-tint);
        font-size: var(--fs-small);
        overflow-wrap: anywhere;
      }
      svg {
        margin-top: 2px;
        color: var(--fs-green);
      }
      .needs {
        background: var(--fs-red-tint);
      }
      .needs svg {
        color: var(--fs-red);
      }
      @media (forced-colors: active) {
        p {
          border: 1px solid CanvasText;
        }
      }
    `,
  ];

  /** What was saved last, as it was then; without one there is nothing to say. */
  @property({ attribute: false }) item: Item | undefined;

  private following = false;

  constructor() {
    super();
    new LiveController(this, () => void this.follow());
  }

  override render(): TemplateResult {
    // The region is there before its content, so that screen readers announce what comes into it.
    return html`<div role="status">${this.item ? confirmation(this.item) : nothing}</div>`;
  }

  /** Looks the item up after every change; changes that come meanwhile are caught by one more round. */
  private async follow(): Promise<void> {
    if (this.following) return;
    this.following = true;
    for (let seen = -1; this.item && this.item.state !== 'done' && seen !== live.revision; ) {
      seen = live.revision;
      const before = this.item;
      const now = await current(before);
      if (this.item === before) this.item = now;
    }
    this.following = false;
  }
}

/** The item as it is now; undefined when it is not on this device any more. */
async function current(item: Item): Promise<Item | undefined> {
  try {
    return await (await connect()).get(item.id);
  } catch (error) {
    return asCallError(error).code === 'not_found' ? undefined : item;
  }
}

/** Where nothing is sent before a person has done something, that is told, and not that it goes by itself. */
function words({ state }: Item): string {
  const hold = live.status?.hold;
  const waits = state === 'pending' || state === 'retryAt';
  return waits && hold && !nextTry(hold)
    ? `${msg('Saved on this device')}. ${holdWords(hold)}.`
    : WORDS[state];
}

function confirmation(item: Item): TemplateResult | typeof nothing {
  const saved = readingOf(item);
  if (!saved) return nothing;
  const needs = item.state === 'conflict' || item.state === 'setAside';
  return html`<p class=${needs ? 'needs' : ''}>
    ${needs ? icons.alert : item.state === 'done' ? icons.ticks : icons.tick}
    <span>
      <b><bdi>${visible(saved.unit, 40)}</bdi>${saved.meter ? html` · <bdi>${visible(saved.meter, 40)}</bdi>` : nothing}:
        <span class="numbers">${number(saved.value)}</span></b><br />
      ${words(item)}
    </span>
  </p>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-saved': FsSaved;
  }
}
