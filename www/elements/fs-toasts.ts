import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { visible } from '../lib/text';
import type { Toast } from '../lib/toast';
import { base } from './base';
import { icons } from './icons';

const READ = 5_000;
const READ_AND_ACT = 12_000;

interface Shown extends Toast {
  id: number;
}

/** Short messages that stack, can be undone and are read out. They wait while someone points at them or has focus there. */
@customElement('fs-toasts')
export class FsToasts extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        position: fixed;
        z-index: 20;
        inset: calc(76px + env(safe-area-inset-top, 0px)) var(--fs-4) auto;
        display: grid;
        justify-items: center;
        pointer-events: none;
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
        text-wrap: balance;
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
        :host {
          inset: auto var(--fs-6) var(--fs-6) auto;
          width: 440px;
        }
      }
    `,
  ];

  @state() private shown: Shown[] = [];
  private count = 0;
  private readonly timers = new Map<number, number>();
  private readonly hear = (event: Event) => this.add((event as CustomEvent<Toast>).detail);

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('fs-toast', this.hear);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('fs-toast', this.hear);
  }

  override render(): TemplateResult {
    return html`<div role="status" class="stack" aria-relevant="additions text">
      ${repeat(
        this.shown,
        toast => toast.id,
        toast => html`<div
          class="toast"
          @pointerenter=${() => this.pause(toast)}
          @pointerleave=${() => this.arm(toast)}
          @focusin=${() => this.pause(toast)}
          @focusout=${() => this.arm(toast)}
        >
          ${toast.kind === 'done' ? icons.tick : toast.kind === 'trouble' ? icons.alert : nothing}
          <p>${visible(toast.message)}</p>
          ${
            toast.action
              ? html`<button type="button" class="act" @click=${() => this.act(toast)}>${toast.action.label}</button>`
              : nothing
          }
          <button type="button" class="close" aria-label="Close this message" @click=${() => this.close(toast)}>
            ${icons.close}
          </button>
        </div>`,
      )}
    </div>`;
  }

  private add(toast: Toast): void {
    this.count += 1;
    const shown: Shown = { ...toast, id: this.count };
    for (const old of this.shown) if (toast.key && old.key === toast.key) this.pause(old);
    this.shown = [...this.shown.filter(old => !toast.key || old.key !== toast.key), shown];
    this.arm(shown);
  }

  private act(toast: Shown): void {
    this.close(toast);
    toast.action?.run();
  }

  private close(toast: Shown): void {
    this.pause(toast);
    this.shown = this.shown.filter(other => other.id !== toast.id);
  }

  private pause(toast: Shown): void {
    clearTimeout(this.timers.get(toast.id));
    this.timers.delete(toast.id);
  }

  private arm(toast: Shown): void {
    this.pause(toast);
    if (toast.stays) return;
    const time = toast.action ? READ_AND_ACT : READ;
    this.timers.set(
      toast.id,
      window.setTimeout(() => this.close(toast), time),
    );
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-toasts': FsToasts;
  }
}
