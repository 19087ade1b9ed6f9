import { msg, str } from '@lit/localize';
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { connect } from '../lib/client';
import { setPaused } from '../lib/deeds';
import { number, thisMonth } from '../lib/format';
import type { ItemId } from '../lib/generated';
import { LiveController, live } from '../lib/live';
import { Properties } from '../lib/properties';
import { stopsOf } from '../lib/route';
import { go } from '../lib/router';
import { endTourPause, pauseForTour } from '../lib/tour-pause';
import { base } from './base';
import { icons } from './icons';

/** A step: what it says, and what there is to press besides. */
interface Step {
  title: string;
  words: string;
  /** Goes on by itself once this holds. */
  until?: () => boolean;
  button?: { label: string; run: () => void | Promise<void> };
}

/**
 * Two minutes for a newcomer in the demo: a meter is read, the connection goes and comes, and the ticks tell of it. It stands
 * above the page and covers nothing; it can be left at any time.
 */
@customElement('fs-tour')
export class FsTour extends LitElement {
  static override styles = [
    base,
    css`
      section {
        padding: var(--fs-3) var(--fs-4);
        border-bottom: 1px solid var(--fs-line);
        background: var(--fs-blue-tint);
      }
      .inner {
        display: grid;
        gap: var(--fs-2);
        max-width: 640px;
        margin: 0 auto;
      }
      .head {
        display: flex;
        align-items: start;
        justify-content: space-between;
        gap: var(--fs-3);
      }
      h2 {
        font-size: var(--fs-base);
        letter-spacing: 0;
      }
      h2:focus {
        outline: 0;
        box-shadow: none;
      }
      .choices {
        display: flex;
        flex-wrap: wrap;
        gap: var(--fs-2);
      }
    `,
  ];

  private readonly properties = new Properties(this);
  @state() private at = 0;
  @query('h2') private heading!: HTMLElement | null;
  /** Entries that this device had before; what comes now is the tour's. */
  private start: number | undefined;
  private saved: ItemId | undefined;
  @state() private sent = false;
  private looking = false;

  constructor() {
    super();
    new LiveController(this, () => void this.follow());
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (location.pathname !== '/') go('/');
    this.start = live.status?.queueSize;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    void endTourPause();
  }

  /** Where it goes on by a press, the focus goes along; where by itself, the words are read out. */
  override focus(): void {
    this.heading?.focus();
  }

  /** The way to it leads over the end of the page; what it tells of is at the top. */
  override firstUpdated(): void {
    scrollTo({ top: 0, behavior: 'instant' });
    this.focus();
  }

  override updated(changed: PropertyValues): void {
    // What the next step waits for may be so already.
    if (changed.has('sent') || changed.has('at')) void this.follow();
  }

  override render(): TemplateResult {
    const { steps } = this;
    const { title, words, until, button } = steps[this.at] as Step;
    const last = this.at === steps.length - 1;
    return html`<section aria-label=${msg('Tour')}>
      <div class="inner">
        <div class="head">
          <div role="status">
            <h2 tabindex="-1">${title} <span class="muted small">· ${msg(str`${number(this.at + 1)} of ${number(steps.length)}`)}</span></h2>
            <p>${words}</p>
          </div>
          ${last ? nothing : html`<button type="button" class="bare" aria-label=${msg('Skip the tour')} @click=${this.end}>${icons.close}</button>`}
        </div>
        <div class="choices">
          ${button ? html`<button type="button" @click=${button.run}>${button.label}</button>` : nothing}
          ${until ? nothing : html`<button type="button" @click=${last ? this.end : this.next}>${last ? msg('End the tour') : msg('Go on')}</button>`}
        </div>
      </div>
    </section>`;
  }

  private get steps(): Step[] {
    const away = () => live.status?.isPaused === true || live.status?.connectivity.isOnline === false;
    return [
      {
        title: msg('Read a meter'),
        words: msg(
          'This is the form for a reading. The code at a meter fills it in; here an example will do.',
        ),
        button: { label: msg('Fill in an example'), run: () => this.example() },
      },
      {
        title: msg('Lose the connection'),
        words: msg('Turn on flight mode, or have the app send nothing for now.'),
        until: away,
        button: { label: msg('Send nothing for now'), run: pauseForTour },
      },
      {
        title: msg('Save the reading'),
        words: msg(
          'Enter what the meter shows, if nothing stands there yet, and press “Save reading”. It needs no connection.',
        ),
        until: () => this.saved !== undefined,
      },
      {
        title: msg('One tick'),
        words: msg(
          'Under “Not yet on the server” your reading has one tick: it is safe on this device. You could close the app now, or read the next meter.',
        ),
      },
      {
        title: msg('Come back'),
        words: msg(
          'Turn flight mode off, or let the app send again. It looks whether the connection is steady, and sends by itself.',
        ),
        until: () => this.sent,
        button: { label: msg('Send again'), run: () => setPaused(false) },
      },
      {
        title: msg('Two ticks'),
        words: msg('The server has your reading and has confirmed it, once. That is all there is to it.'),
      },
    ];
  }

  private readonly next = (): void => {
    this.at += 1;
    void this.updateComplete.then(() => this.focus());
  };

  private readonly end = (): void => {
    this.dispatchEvent(new CustomEvent('fs-tour-end'));
  };

  /** The next meter of the route, for whoever shows the form; the value is the person's to enter. */
  private async example(): Promise<void> {
    const all = await stopsOf(this.properties.all, thisMonth()).catch(() => []);
    const stop = all.find(({ reading }) => !reading) ?? all[0];
    if (stop) {
      const { property, unit, meter } = stop;
      const codes = new URLSearchParams({ property: property.code, unit: unit.code, meter: meter.code });
      this.dispatchEvent(new CustomEvent('fs-example', { detail: `?${codes}` }));
    }
    this.at += 1;
  }

  /** Goes on once what a step waits for has come. */
  private async follow(): Promise<void> {
    this.start ??= live.status?.queueSize;
    if (this.looking) return;
    this.looking = true;
    try {
      await this.look();
    } catch {
      // The page says once, elsewhere, that this device's storage cannot be used.
    } finally {
      this.looking = false;
    }
    while (this.steps[this.at]?.until?.()) this.at += 1;
  }

  private async look(): Promise<void> {
    if (this.at < 2) return;
    const client = await connect();
    if (!this.saved && (live.status?.queueSize ?? 0) > (this.start ?? 0)) {
      const { items } = await client.list({ limit: 1 });
      this.saved = items[0]?.id;
    }
    if (this.saved && !this.sent) this.sent = (await client.get(this.saved)).state === 'done';
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-tour': FsTour;
  }
}
