import { msg } from '@lit/localize';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { asCallError, connect } from '../lib/client';
import { setPaused } from '../lib/deeds';
import { LiveController, live } from '../lib/live';
import { loadSamples, type SampleState } from '../lib/samples';
import { standing } from '../lib/standing';
import { toast } from '../lib/toast';
import { base, stateColours } from './base';
import { icons } from './icons';
import { page } from './page';

/** What becomes of each sample. */
const WORDS: [SampleState, string][] = [
  ['pending', msg('Waits to be sent.')],
  ['retryAt', msg('The server asked for it two minutes later; it is sent again by itself.')],
  ['blocked', msg('Waits for the one that was not accepted.')],
  ['conflict', msg('Another device was there before: choose a side.')],
  ['setAside', msg('The server did not accept it: correct or discard it.')],
  ['done', msg('On the server; it is among the receipts.')],
];

/** In the demo: six sample items, each in another state, to look at and to try out. */
@customElement('fs-samples')
export class FsSamples extends LitElement {
  static override styles = [
    base,
    stateColours,
    page,
    css`
      :host {
        margin-top: var(--fs-4);
        padding: 0;
      }
      .actions {
        margin-top: var(--fs-3);
      }
      ul {
        display: grid;
        gap: var(--fs-2);
        margin: var(--fs-3) 0;
        list-style: none;
      }
      li {
        display: grid;
        grid-template-columns: 30px 1fr;
        gap: var(--fs-2);
      }
      li svg {
        margin-top: 3px;
      }
    `,
  ];

  @state() private working = false;
  @state() private loaded = false;
  /** Those that have not come to their state yet. */
  @state() private late = new Set<SampleState>();

  constructor() {
    super();
    new LiveController(this);
  }

  override render(): TemplateResult {
    const paused = live.status?.isPaused;
    return html`<section class="card" aria-labelledby="samples">
      <h2 id="samples">${msg('Sample items of the demo')}</h2>
      <div role="status">${
        this.working
          ? html`<p>${msg('They go to the server and back. That takes up to half a minute.')}</p>`
          : this.loaded
            ? this.told()
            : html`<p class="muted">${msg('Six items, each in another state, to look at and to try out.')}</p>`
      }</div>
      <div class="actions">
        <button type="button" aria-disabled=${this.working} class=${this.working ? 'turning' : ''} @click=${this.load}>
          ${this.working ? html`${icons.sync} ${msg('Loading')}` : this.loaded ? msg('Load six more') : msg('Load six sample items')}
        </button>
        ${this.loaded && paused ? html`<button type="button" @click=${() => setPaused(false)}>${icons.play} ${msg('Go on sending')}</button>` : nothing}
      </div>
    </section>`;
  }

  private told(): TemplateResult {
    return html`<ul role="list">
        ${WORDS.map(([state, words]) => {
          const { icon, tone } = standing({ state });
          return html`<li><span class=${tone}>${icon}</span><span>${words}${this.late.has(state) ? html` <b>${msg('Not yet: it needs a moment more.')}</b>` : nothing}</span></li>`;
        })}
      </ul>
      ${live.status?.isPaused ? html`<p>${msg('Sending is paused, so that you can look at them.')}</p>` : nothing}`;
  }

  private async load(): Promise<void> {
    if (this.working) return;
    if (navigator.onLine === false) {
      toast({
        kind: 'trouble',
        message: msg('The samples come from the server. Load them when there is a connection.'),
      });
      return;
    }
    this.working = true;
    try {
      this.late = new Set(await loadSamples(await connect()));
      this.loaded = true;
    } catch (error) {
      toast({ kind: 'trouble', message: asCallError(error).message });
    } finally {
      this.working = false;
      live.refresh();
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-samples': FsSamples;
  }
}
