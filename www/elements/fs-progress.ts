import { msg, str } from '@lit/localize';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { activity, nextTry, syncCounts } from '../lib/activity';
import type { Fieldsync } from '../lib/client';
import { number, percent, span, when } from '../lib/format';
import type { Hold, Progress, Status } from '../lib/generated';
import { holdWords } from '../lib/said-by-engine';
import { Countdown, LiveController } from '../lib/source';
import { visible } from '../lib/text';
import { base } from './base';
import { icons } from './icons';

/**
 * How a sync goes, why nothing is being sent, or how the last one ended. With `variant="minimal"` it is only a thin
 * bar while a sync runs, for the edge of something else; with `variant="compact"` it leaves out why nothing is being sent.
 */
@customElement('fs-progress')
export class FsProgress extends LitElement {
  static override styles = [
    base,
    css`
      :host([data-empty]) {
        display: none;
      }
      .running,
      .held {
        padding: var(--fs-3) var(--fs-4);
        border-radius: var(--fs-radius);
      }
      .running {
        background: var(--fs-blue-tint);
      }
      .held {
        display: flex;
        gap: var(--fs-2);
        background: var(--fs-amber-tint);
      }
      .held.quiet {
        background: var(--fs-grey-tint);
      }
      .held svg {
        margin-top: 3px;
        color: var(--fs-amber);
      }
      .held.quiet svg {
        color: var(--fs-grey);
      }
      h2 {
        font-size: var(--fs-base);
        letter-spacing: 0;
      }
      .line {
        display: flex;
        flex-wrap: wrap;
        justify-content: space-between;
        gap: 0 var(--fs-4);
      }
      progress {
        display: block;
        width: 100%;
        height: 12px;
        margin: var(--fs-2) 0;
        overflow: hidden;
        border: 0;
        border-radius: 6px;
        background: var(--fs-surface);
        color: var(--fs-blue);
        accent-color: var(--fs-blue);
        appearance: none;
      }
      progress::-webkit-progress-bar {
        background: var(--fs-surface);
      }
      progress::-webkit-progress-value {
        border-radius: 6px;
        background: var(--fs-blue);
        transition: inline-size var(--fs-motion);
      }
      progress::-moz-progress-bar {
        border-radius: 6px;
        background: var(--fs-blue);
      }
      progress.line-only {
        height: 4px;
        margin: 0;
        border-radius: 0;
      }
      @media (forced-colors: active) {
        .running,
        .held,
        progress {
          border: 1px solid CanvasText;
        }
        progress.line-only {
          height: 6px;
          border-width: 1px 0;
        }
        progress::-webkit-progress-value {
          forced-color-adjust: none;
          background: Highlight;
        }
        progress::-moz-progress-bar {
          forced-color-adjust: none;
          background: Highlight;
        }
      }
      .last {
        margin-top: var(--fs-2);
      }
      .last:first-child {
        margin-top: 0;
      }
    `,
  ];

  @property() variant: 'detailed' | 'compact' | 'minimal' = 'detailed';
  /** Whose state it shows; in the app the page's own engine's. */
  @property({ attribute: false }) client: Fieldsync | undefined;
  /** The state itself, where there is no engine. */
  @property({ attribute: false }) status: Status | undefined;

  private readonly source = new LiveController(this);
  private readonly countdown = new Countdown(this, this.source);

  override updated(): void {
    this.toggleAttribute('data-empty', this.renderRoot.childElementCount === 0);
  }

  override render(): TemplateResult | typeof nothing {
    const status = this.status ?? this.source.live?.status;
    if (!status) return nothing;
    const { progress, hold } = activity(status);
    const runs = progress && worthShowing(progress) ? progress : undefined;
    if (this.variant === 'minimal') return runs ? line(runs) : nothing;
    // Asked on every render, so that the clock stops as soon as there is nothing to count down to.
    const left = this.countdown.left(nextTry(hold));
    if (runs) return running(runs);
    const { currentProgress } = status;
    return html`${hold && this.variant === 'detailed' ? waitingFor(hold, left) : nothing}${currentProgress ? last(currentProgress) : nothing}`;
  }
}

/** A look that finds nothing to send is over at once and would only flicker. */
const worthShowing = (progress: Progress): boolean =>
  progress.endedAt === undefined && (progress.totalItems > 0 || progress.trigger === 'manual');

function line({ completedItems, failedItems, totalItems }: Progress): TemplateResult {
  // The full one, and the words beside it, speak to screen readers.
  return html`<progress
    class="line-only"
    part="bar"
    aria-hidden="true"
    max=${Math.max(1, totalItems)}
    value=${completedItems + failedItems}
  ></progress>`;
}

function running(progress: Progress): TemplateResult {
  const { trigger, totalItems, completedItems, failedItems } = progress;
  const answered = completedItems + failedItems;
  const title = trigger === 'manual' ? msg('Manual sync in progress') : msg('Auto sync in progress');
  return html`<div role="group" class="running" part="running" aria-labelledby="title">
    <div class="line">
      <h2 id="title" part="title">${title}</h2>
      <strong class="numbers">${percent(answered, totalItems)}</strong>
    </div>
    <progress part="bar" aria-labelledby="title" max=${Math.max(1, totalItems)} value=${answered}></progress>
    <div class="line small">
      <span class="numbers">${syncCounts(progress)}</span>
      <span class="muted numbers">${answered > 0 ? msg(str`${number(answered)} of ${number(totalItems)}`) : step(progress)}</span>
    </div>
  </div>`;
}

/** What comes before the first answer. */
const step = ({ startedAt, lastSyncAttempt = 0 }: Progress): string =>
  lastSyncAttempt >= startedAt ? msg('Sending') : msg('Checking the connection');

function waitingFor(hold: Hold, left: number | undefined): TemplateResult {
  const icon = { offline: icons.cloudOff, elsewhere: icons.sync, slice: icons.sync }[hold.why as string];
  return html`<p class="held ${icon ? 'quiet' : ''}" part="held">
    ${icon ?? icons.clock}
    <span>${visible(holdWords(hold))}${
      left === undefined
        ? nothing
        : html`<span class="muted numbers"> · ${msg(str`next try in ${span(left)}`)}</span>`
    }</span>
  </p>`;
}

function last(progress: Progress): TemplateResult | typeof nothing {
  if (progress.endedAt === undefined || progress.completedItems + progress.failedItems === 0) return nothing;
  return html`<p class="last muted small numbers" part="last">
    ${msg(str`Last sync ${when(progress.endedAt)}`)} · ${syncCounts(progress)}
  </p>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-progress': FsProgress;
  }
}
