import { msg, str } from '@lit/localize';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { base } from '../elements/base';
import { icons } from '../elements/icons';
import { fields, page, stacked } from '../elements/page';
import { asCallError, connect } from '../lib/client';
import { Unfinished } from '../lib/draft';
import { number, plural } from '../lib/format';
import { KeystoreRefused } from '../lib/keystore';
import { LiveController, live } from '../lib/live';
import { errorWords } from '../lib/said-by-engine';
import { saveItems, saveText } from '../lib/save-file';
import { visible } from '../lib/text';
import { toast } from '../lib/toast';
import { WrongPassphrase } from '../lib/vault';
import { packed, takenIn } from '../lib/work-file';

/** Shorter passphrases are guessed too soon by whoever finds the file. */
const SHORTEST = 10;

/** Unsent work to another device, and from one: as a sealed file. */
@customElement('fs-carry')
export class FsCarry extends LitElement {
  static override styles = [
    base,
    page,
    fields,
    stacked,
    css`
      .card {
        display: grid;
        gap: var(--fs-4);
        align-content: start;
        max-width: 720px;
      }
    `,
  ];

  @state() private failure: { of: 'save' | 'take'; words: string } | undefined;
  @state() private busy: 'save' | 'take' | undefined;
  @query('h1') private heading!: HTMLElement;
  private readonly unfinished = new Unfinished(this);

  constructor() {
    super();
    new LiveController(this);
  }

  override focus(options?: FocusOptions): void {
    this.heading.focus(options);
  }

  override render(): TemplateResult {
    const waiting = live.status?.queueSize ?? 0;
    return html`<div class="head"><div>
        <h1 tabindex="-1">${msg('Take work to another device')}</h1>
        <p class="lead">${msg('For when this device cannot send: what waits here goes as a file to another device of yours, and is sent from there.')}</p>
      </div></div>
      ${waiting > 0 ? this.saving(waiting) : html`<p class="card">${msg('Nothing waits on this device.')}</p>`}
      ${this.taking()}`;
  }

  private saving(waiting: number): TemplateResult {
    const drafts = this.unfinished.all.length;
    return html`<form class="card" aria-labelledby="save" @submit=${this.save}>
      <h2 id="save">${msg('Save a file')}</h2>
      <p>${plural(waiting, msg('# entry goes into the file, also what was set aside. It stays here too.|# entries go into the file, also what was set aside. They stay here too.'))}
        ${msg('Whichever device sends an entry first, it is counted once.')}</p>
      ${
        drafts > 0
          ? html`<p class="small">${icons.alert} ${plural(drafts, msg('# form that is not saved yet stays here, with its photos. Save it first if it is to go.|# forms that are not saved yet stay here, with their photos. Save them first if they are to go.'))}</p>`
          : nothing
      }
      ${this.said('save')}
      <div>
        <label for="first">${msg('Passphrase for the file')}</label>
        <input id="first" name="first" type="password" autocomplete="off" minlength=${SHORTEST} required aria-describedby="hint" />
        <p id="hint" class="small">${msg(str`At least ${number(SHORTEST)} characters. You type it again on the other device; without it nobody can read the file.`)}</p>
      </div>
      <div>
        <label for="again">${msg('The same once more')}</label>
        <input id="again" name="again" type="password" autocomplete="off" required />
      </div>
      <button class="main" aria-disabled=${this.busy === 'save'}>${icons.save} ${this.busy === 'save' ? msg('Sealing…') : msg('Save a sealed file')}</button>
      <details>
        <summary>${msg('Save a file that anybody can read')}</summary>
        <p class="small">${msg('For looking at, for instance in a spreadsheet. No device takes it in again.')}</p>
        <button type="button" @click=${this.saveOpen}>${msg('Save without a passphrase')}</button>
      </details>
    </form>`;
  }

  private taking(): TemplateResult {
    return html`<form class="card" aria-labelledby="take" @submit=${this.take}>
      <h2 id="take">${msg('Take in a file')}</h2>
      ${this.said('take')}
      <div>
        <label for="file">${msg('File from your other device')}</label>
        <input id="file" name="file" type="file" accept="application/json,.json" required />
      </div>
      <div>
        <label for="passphrase">${msg('Passphrase of the file')}</label>
        <input id="passphrase" name="passphrase" type="password" autocomplete="off" required />
      </div>
      <button class="main" aria-disabled=${this.busy === 'take'}>${this.busy === 'take' ? msg('One moment…') : msg('Take it in')}</button>
    </form>`;
  }

  private said(of: 'save' | 'take'): TemplateResult | typeof nothing {
    if (this.failure?.of !== of) return nothing;
    return html`<p class="trouble" role="alert">${icons.alert}<span>${visible(this.failure.words)}</span></p>`;
  }

  private readonly save = (event: SubmitEvent): Promise<void> =>
    this.work(event, 'save', async entered => {
      const [first, again] = [String(entered.get('first')), String(entered.get('again'))];
      if (first !== again) throw new Error(msg('The two are not the same.'));
      const { file, count } = await packed(first);
      saveText('work', file);
      toast({
        kind: 'done',
        message: plural(
          count,
          msg(
            'Saved a file with # item. It stays in the queue.|Saved a file with # items. They stay in the queue.',
          ),
        ),
      });
    });

  private readonly take = (event: SubmitEvent): Promise<void> =>
    this.work(event, 'take', async entered => {
      const file = await (entered.get('file') as File).text();
      const { taken, here, left } = await takenIn(file, String(entered.get('passphrase')));
      const words = [
        taken.length > 0
          ? plural(taken.length, msg('# entry was taken in.|# entries were taken in.'))
          : msg('Nothing new was in the file.'),
        here > 0 && taken.length > 0 ? plural(here, msg('# was here already.|# were here already.')) : '',
        left > 0
          ? plural(
              left,
              msg(
                '# waits for other entries of this device: sync first, then take the file in once more.|# wait for other entries of this device: sync first, then take the file in once more.',
              ),
            )
          : '',
      ];
      toast({
        kind: left > 0 ? 'trouble' : 'done',
        message: words.filter(Boolean).join(' '),
        stays: left > 0,
      });
    });

  private async work(
    event: SubmitEvent,
    of: 'save' | 'take',
    deed: (entered: FormData) => Promise<void>,
  ): Promise<void> {
    event.preventDefault();
    if (this.busy) return;
    const form = event.currentTarget as HTMLFormElement;
    [this.busy, this.failure] = [of, undefined];
    try {
      await deed(new FormData(form));
      form.reset();
      this.heading.focus();
    } catch (error) {
      this.failure = { of, words: wordsOf(error) };
    } finally {
      this.busy = undefined;
    }
  }

  private readonly saveOpen = async (): Promise<void> => {
    try {
      const n = await saveItems(await connect(), { shelf: 'queue' }, 'unsent');
      toast({
        kind: 'done',
        message: plural(
          n,
          msg(
            'Saved a file with # item. It stays in the queue.|Saved a file with # items. They stay in the queue.',
          ),
        ),
      });
    } catch (error) {
      this.failure = { of: 'save', words: wordsOf(error) };
    }
  };
}

function wordsOf(error: unknown): string {
  if (error instanceof WrongPassphrase) return msg('This is not the passphrase.');
  if (error instanceof KeystoreRefused) return error.message;
  return errorWords(asCallError(error));
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-carry': FsCarry;
  }
}
