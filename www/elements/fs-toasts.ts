import { msg } from '@lit/localize';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { uncover } from '../lib/focus';
import { visible } from '../lib/text';
import type { Toast } from '../lib/toast';
import { base } from './base';
import { icons } from './icons';

const READ = 5_000;
const READ_AND_ACT = 12_000;
/** How many are seen at once in a corner: more would cover the page. */
const STACK = 3;

interface Shown extends Toast {
  id: number;
}

/**
 * Short messages that can be undone and are read out. They wait while someone points at them or has focus there. Where
 * there is room they stack in a corner; else there is one at a time, in the flow where this element stands.
 */
@customElement('fs-toasts')
export class FsToasts extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        display: grid;
        justify-items: center;
        padding: var(--fs-2) var(--fs-4) 0;
        pointer-events: none;
      }
      :host([data-empty]) {
        padding: 0;
      }
      .stack {
        display: grid;
        gap: var(--fs-2);
        width: min(100%, 440px);
      }
      .toast {
        display: flex;
        align-items: center;
        gap: var(--fs-3);
        padding: var(--fs-1) var(--fs-1) var(--fs-1) var(--fs-4);
        border-radius: var(--fs-radius);
        background: var(--fs-action);
        color: var(--fs-action-ink);
        box-shadow: 0 0 0 2px var(--fs-page), var(--fs-shadow);
        pointer-events: auto;
        /* Seen only where colours are forced, which drops backgrounds and shadows. */
        border: 1px solid transparent;
        animation: drop var(--fs-motion) ease-out;
      }
      @keyframes drop {
        from {
          opacity: 0;
          transform: translateY(-8px);
        }
      }
      p {
        flex: 1;
        min-width: 0;
        padding: var(--fs-2) 0;
        font-size: var(--fs-small);
        overflow-wrap: anywhere;
        text-wrap: pretty;
      }
      button,
      button:not([aria-disabled='true']):hover {
        border-color: transparent;
        background: transparent;
        color: inherit;
      }
      button.close {
        width: var(--fs-target);
        padding: 0;
      }
      .act {
        padding: var(--fs-2) var(--fs-3);
        text-decoration: underline;
        text-underline-offset: 3px;
      }
      @media (min-width: 900px) {
        :host,
        :host([data-empty]) {
          position: fixed;
          z-index: 20;
          inset-block: auto var(--fs-6);
          inset-inline: auto var(--fs-6);
          width: 440px;
          margin: 0;
          padding: 0;
        }
        :host([data-apart]) {
          inset-inline: var(--fs-6) auto;
        }
      }
    `,
  ];

  @state() private shown: Shown[] = [];
  @query('.stack') private stack!: HTMLElement;
  private count = 0;
  /** The message that someone points at. */
  private pointed: number | undefined;
  /** The message whose action is to get the focus. */
  private called: number | undefined;
  /** What had the focus before a message got it. */
  private cameFrom: EventTarget | undefined;
  /** What last had the focus on the page, inside whichever shadows. */
  private left: EventTarget | undefined;
  private readonly timers = new Map<number, number>();
  private readonly wide = matchMedia('(min-width: 900px)');
  private readonly hear = (event: Event) => this.add((event as CustomEvent<Toast>).detail);
  private around: Node | undefined;
  private readonly leaving = (event: Event) => {
    this.left = event.composedPath()[0];
  };
  private readonly entering = () => this.makeRoom();
  private readonly resized = () => this.requestUpdate();

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('fs-toast', this.hear);
    // Beyond the shadow in which this stands nothing is heard of what moves within it.
    this.around = this.getRootNode();
    this.around.addEventListener('focusout', this.leaving);
    this.around.addEventListener('focusin', this.entering);
    this.wide.addEventListener('change', this.resized);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('fs-toast', this.hear);
    this.around?.removeEventListener('focusout', this.leaving);
    this.around?.removeEventListener('focusin', this.entering);
    this.wide.removeEventListener('change', this.resized);
  }

  override render(): TemplateResult {
    return html`<div role="status" class="stack" aria-relevant="additions text">
      ${repeat(
        this.seen,
        toast => toast.id,
        toast => html`<div
          class="toast"
          data-id=${toast.id}
          @pointerenter=${() => this.point(toast)}
          @pointerleave=${() => this.point(undefined)}
          @focusin=${(event: FocusEvent) => this.enter(toast, event)}
          @focusout=${() => this.requestUpdate()}
          @mousedown=${keepFocus}
        >
          ${toast.kind === 'done' ? icons.tick : toast.kind === 'trouble' ? icons.alert : nothing}
          <p>${visible(toast.message)}</p>
          ${
            toast.action
              ? html`<button type="button" class="act" @click=${() => this.act(toast)}>${toast.action.label}</button>`
              : nothing
          }
          <button type="button" class="close" aria-label=${msg('Close this message')} @click=${() => this.close(toast)}>
            ${icons.close}
          </button>
        </div>`,
      )}
    </div>`;
  }

  override updated(): void {
    const { seen } = this;
    this.toggleAttribute('data-empty', seen.length === 0);
    const called = this.renderRoot.querySelector<HTMLElement>(`[data-id="${this.called}"] .act`);
    this.called = undefined;
    called?.focus({ preventScroll: true });
    // Time runs only for what can be read, and not while it is being looked at.
    for (const toast of seen) if (!this.timers.has(toast.id)) this.arm(toast);
    const height = this.wide.matches || seen.length === 0 ? 0 : this.offsetHeight;
    document.documentElement.style.setProperty('--fs-message', `${height}px`);
    if (seen.length === 0) this.removeAttribute('data-apart');
    this.makeRoom();
  }

  /**
   * Nobody looks for what they are at: it comes out from under the messages; or the page moves down below them, and where they
   * are in a corner they go to the other one.
   */
  private makeRoom(): void {
    const wide = this.wide.matches;
    // To ask where things are makes the browser lay out the page at once, which at the start takes long.
    if (this.shown.length === 0 || this.hasFocus() || uncover(this.stack, wide ? 'up' : 'down')) return;
    this.toggleAttribute('data-apart', wide ? undefined : true);
  }

  /** The latest, as many as there is room for; those that can still be undone first, and last what is only offered, and waits. */
  private get seen(): Shown[] {
    const room = this.wide.matches ? STACK : 1;
    const rank = ({ action, stays, kind }: Shown) => (stays && kind !== 'trouble' ? -1 : action ? 1 : 0);
    const first = [...this.shown].reverse().sort((one, other) => rank(other) - rank(one));
    return this.shown.filter(toast => first.indexOf(toast) < room);
  }

  private add(toast: Toast): void {
    this.count += 1;
    const shown: Shown = { ...toast, id: this.count };
    const same = this.shown.filter(old => toast.key && old.key === toast.key);
    for (const old of same) this.close(old);
    this.shown = [...this.shown, shown];
    if (toast.takesFocus) this.called = shown.id;
  }

  private act(toast: Shown): void {
    this.close(toast);
    toast.action?.run();
  }

  private close(toast: Shown): void {
    this.pause(toast);
    if (this.pointed === toast.id) this.pointed = undefined;
    const inside = this.hasFocus(toast);
    this.shown = this.shown.filter(other => other.id !== toast.id);
    if (!inside) return;
    if (toast.back) toast.back();
    else if (this.cameFrom instanceof HTMLElement) this.cameFrom.focus();
  }

  private point(toast: Shown | undefined): void {
    this.pointed = toast?.id;
    if (toast) this.pause(toast);
    this.requestUpdate();
  }

  private enter(toast: Shown, { relatedTarget }: FocusEvent): void {
    this.pause(toast);
    if (!this.renderRoot.contains(relatedTarget as Node | null))
      this.cameFrom = relatedTarget ? this.left : undefined;
  }

  private pause(toast: Shown): void {
    clearTimeout(this.timers.get(toast.id));
    this.timers.delete(toast.id);
  }

  private arm(toast: Shown): void {
    if (toast.stays || this.pointed === toast.id || this.hasFocus(toast)) return;
    const time = toast.action ? READ_AND_ACT : READ;
    this.timers.set(
      toast.id,
      window.setTimeout(() => this.close(toast), time),
    );
  }

  /** Whether the focus is in this message; without one, in any. */
  private hasFocus(toast?: Shown): boolean {
    const has = this.shadowRoot?.activeElement?.closest<HTMLElement>('.toast');
    return toast ? has?.dataset.id === `${toast.id}` : Boolean(has);
  }
}

/** A press on a button takes no focus from the field that is being typed in; keys get to the buttons as ever. */
const keepFocus = (event: MouseEvent): void => {
  if ((event.target as Element).closest('button')) event.preventDefault();
};

declare global {
  interface HTMLElementTagNameMap {
    'fs-toasts': FsToasts;
  }
}
