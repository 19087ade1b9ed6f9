import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, query } from 'lit/decorators.js';
import { base } from '../elements/base';
import type { FsConfirm } from '../elements/fs-confirm';
import type { ItemAction } from '../elements/fs-item';
import type { FsList } from '../elements/fs-list';
import type { FsReadingForm } from '../elements/fs-reading-form';
import { icons } from '../elements/icons';
import { asCallError, connect } from '../lib/client';
import { number } from '../lib/format';
import type { Choice, Item } from '../lib/generated';
import { LiveController, live } from '../lib/live';
import { readingOf, serverReading } from '../lib/reading';
import { visible } from '../lib/text';
import { toast } from '../lib/toast';
import '../elements/fs-confirm';
import '../elements/fs-list';
import '../elements/fs-progress';
import '../elements/fs-reading-form';

/** Read a meter; beside it, or below on a phone, what waits and what has been sent. */
@customElement('fs-home')
export class FsHome extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        display: grid;
        gap: var(--fs-4);
        max-width: 1160px;
        margin: 0 auto;
        padding: var(--fs-4);
      }
      h1 {
        margin-bottom: var(--fs-3);
      }
      section,
      .lists {
        min-width: 0;
      }
      .lists {
        display: grid;
        align-content: start;
        gap: var(--fs-6);
      }
      h2 {
        margin-bottom: var(--fs-2);
        font-size: var(--fs-base);
        letter-spacing: 0;
      }
      #queue:focus {
        outline: 0;
        box-shadow: none;
      }
      .empty {
        padding: var(--fs-4);
        border: 1.5px dashed var(--fs-line);
        border-radius: var(--fs-radius);
        color: var(--fs-muted);
      }
      .empty b {
        display: block;
        color: var(--fs-ink);
      }
      .failure {
        display: grid;
        gap: var(--fs-3);
        justify-items: start;
        padding: var(--fs-4);
        border: 3px solid var(--fs-red);
        border-radius: var(--fs-radius);
        overflow-wrap: anywhere;
      }
      .failure h2 {
        display: flex;
        gap: var(--fs-2);
        margin: 0;
        color: var(--fs-red);
      }
      @media (min-width: 900px) {
        :host {
          grid-template-columns: minmax(360px, 5fr) 7fr;
          gap: var(--fs-8);
          padding: var(--fs-6);
        }
        .form {
          position: sticky;
          top: 92px;
          align-self: start;
        }
      }
    `,
  ];

  @query('fs-reading-form') private form!: FsReadingForm;
  @query('fs-confirm') private confirm!: FsConfirm;
  @query('fs-list') private queue!: FsList;
  @query('#queue') private heading!: HTMLElement;

  constructor() {
    super();
    new LiveController(this);
  }

  /** Where the key for a new entry leads. */
  override focus(): void {
    this.form.focus();
  }

  override render(): TemplateResult {
    return html`<section class="form" aria-labelledby="read">
        <h1 id="read">Read a meter</h1>
        <fs-reading-form></fs-reading-form>
      </section>
      <div class="lists" @fs-correct=${this.correct} @fs-discard=${this.discard}
        @fs-keep-mine=${this.keepMine} @fs-keep-theirs=${this.keepTheirs} @fs-row-gone=${this.goOn}>
        ${this.failure()}
        <fs-progress></fs-progress>
        <section aria-labelledby="queue" ?hidden=${!live.status}>
          <h2 id="queue" tabindex="-1">Not yet on the server${live.status?.queueSize ? ` · ${live.status.queueSize}` : ''}</h2>
          <fs-list shelf="queue">
            <p class="empty"><b>Nothing is waiting</b> What you save appears here with one tick, and is sent by itself.</p>
          </fs-list>
        </section>
        <section aria-labelledby="done" ?hidden=${!live.status}>
          <h2 id="done">On the server</h2>
          <fs-list shelf="done">
            <p class="empty">
              <b>Nothing sent yet</b> With two ticks the server has confirmed a reading, and it moves here.
            </p>
          </fs-list>
        </section>
      </div>
      <fs-confirm></fs-confirm>`;
  }

  private failure(): TemplateResult | typeof nothing {
    if (!live.failure) return nothing;
    const title = live.failure.code.startsWith('storage')
      ? 'This device’s storage cannot be used'
      : 'This device cannot save just now';
    // A defect leaves the engine stopped until the page is loaded anew; what is typed and saved outlives that.
    const broken = live.failure.code === 'internal';
    const again = () => (broken ? location.reload() : live.status ? live.refresh() : void live.start());
    return html`<section class="failure" role="alert">
      <h2>${icons.alert} ${title}</h2>
      <p>${visible(live.failure.message)}</p>
      <button type="button" @click=${again}>${broken ? 'Reload' : 'Try again'}</button>
    </section>`;
  }

  private correct(event: ItemAction): void {
    this.form.correct(event.detail.item);
  }

  private async discard(event: ItemAction): Promise<void> {
    const { item } = event.detail;
    const reading = readingOf(item);
    const theirs = serverReading(item);
    const what = reading ? `${reading.property} · ${reading.unit}: ${number(reading.value)}` : item.type;
    const sure = await this.confirm.ask({
      title: item.state === 'conflict' ? 'Discard your reading?' : 'Discard this reading?',
      text: theirs
        ? `${what} will be removed from this device. The ${number(theirs.value)} on the server stays.`
        : `${what} will be removed from this device and never sent.`,
      yes: item.state === 'conflict' ? 'Discard mine' : 'Discard',
      no: 'Keep it',
    });
    if (!sure) return;
    try {
      const gone = await (await connect()).discard(item.id);
      const action = { label: 'Undo', run: () => void this.restore(gone) };
      const back = () => this.goOn();
      toast({ key: `discard ${item.id}`, message: `Discarded ${what}.`, action, takesFocus: true, back });
    } catch (error) {
      toast({ kind: 'trouble', message: asCallError(error).message });
    }
  }

  private keepMine(event: ItemAction): Promise<void> {
    return this.choose(event, 'mine', 'Yours takes the place of the server’s. It will be sent.');
  }

  private keepTheirs(event: ItemAction): Promise<void> {
    return this.choose(event, 'theirs', 'The server’s is kept. Yours stays in the list of what is done.');
  }

  private async choose({ detail: { item } }: ItemAction, choice: Choice, message: string): Promise<void> {
    try {
      await (await connect()).resolve({ id: item.id, choice });
      toast({ key: `choose ${item.id}`, kind: 'done', message, takesFocus: true, back: () => this.goOn() });
    } catch (error) {
      toast({ kind: 'trouble', message: asCallError(error).message });
    }
  }

  /** Puts a discarded item back into the queue. As long as that fails, the offer stays. */
  private async restore(gone: Item): Promise<void> {
    const { type, action, priority, data } = gone;
    try {
      const { id } = await (await connect()).enqueue({ type, action, priority, data });
      this.queue.focusOn(id);
      toast({ key: `discard ${gone.id}`, kind: 'done', message: 'It is back in the queue.' });
    } catch (error) {
      const again = { label: 'Try again', run: () => void this.restore(gone) };
      const { message } = asCallError(error);
      const focus = { takesFocus: true, back: () => this.goOn() };
      toast({ key: `discard ${gone.id}`, kind: 'trouble', message, action: again, stays: true, ...focus });
    }
  }

  /** Where the focus is when the row that had it has gone. */
  private goOn(): void {
    this.heading.focus({ preventScroll: true });
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-home': FsHome;
  }
}
