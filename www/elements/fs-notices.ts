import { msg } from '@lit/localize';
import { css, html, LitElement, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { live as asShown } from 'lit/directives/live.js';
import { agreeOn } from '../lib/notice-words';
import { KINDS, type Kind, notices } from '../lib/notices';
import { asks } from './asks';
import { base } from './base';
import { icons } from './icons';
import { fields } from './page';

const WORDS: Record<Kind, { label: string; hint: string }> = {
  choose: {
    label: msg('When you have to choose'),
    hint: msg('The server has something else than you entered.'),
  },
  refused: {
    label: msg('When something cannot be sent'),
    hint: msg('An entry is not accepted, or you have to sign in.'),
  },
  sent: {
    label: msg('When all is sent'),
    hint: msg('Everything that waited is on the server.'),
  },
};

/** What this device may tell while nobody looks at the app. The browser is asked for leave with the first switch. */
@customElement('fs-notices')
export class FsNotices extends LitElement {
  static override styles = [
    base,
    fields,
    asks,
    css`
      p.told {
        display: flex;
        gap: var(--fs-2);
        color: var(--fs-muted);
      }
      p.told svg {
        margin-top: 3px;
      }
    `,
  ];

  @state() private kinds: Kind[] = [];
  @state() private leave: NotificationPermission | undefined = this.given();

  /** What was agreed on is known. */
  private looked: Promise<void> | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.looked = notices().then(agreed => {
      this.kinds = agreed?.kinds ?? [];
    });
  }

  override render(): TemplateResult {
    if (this.leave === undefined)
      return html`<p class="told">${icons.unknown} ${msg('This browser shows no messages of apps.')}</p>`;
    const denied = this.leave === 'denied';
    return html`${
      denied
        ? html`<p class="told" role="status">${icons.alert} ${msg('This browser is set to show none. Allow them in its settings for this address.')}</p>`
        : ''
    }
    ${KINDS.map(kind => this.ask(kind, denied))}`;
  }

  private ask(kind: Kind, denied: boolean): TemplateResult {
    const { label, hint } = WORDS[kind];
    const on = this.leave === 'granted' && this.kinds.includes(kind);
    const turn = (event: Event) => void this.turn(kind, (event.target as HTMLInputElement).checked);
    return html`<div class="ask switch">
      <label for=${kind}>${label}</label>
      <p class="hint" id="${kind}-hint">${hint}</p>
      <div class="input"><input type="checkbox" role="switch" id=${kind} aria-describedby="${kind}-hint"
        ?disabled=${denied} .checked=${asShown(on)} @change=${turn} /></div>
    </div>`;
  }

  /** Whether the browser lets the app show messages; undefined where it has none. */
  private given(): NotificationPermission | undefined {
    return 'Notification' in globalThis && 'serviceWorker' in navigator ? Notification.permission : undefined;
  }

  private async turn(kind: Kind, on: boolean): Promise<void> {
    await this.looked; // else it would take the place of what is chosen now
    if (on && this.leave !== 'granted') this.leave = await Notification.requestPermission();
    const others = this.kinds.filter(other => other !== kind);
    this.kinds = on && this.leave === 'granted' ? [...others, kind] : others;
    await agreeOn(this.kinds);
    this.requestUpdate();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-notices': FsNotices;
  }
}
