import { msg, str } from '@lit/localize';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { base } from '../elements/base';
import { icons } from '../elements/icons';
import { fields, page, stacked } from '../elements/page';
import { autoLock, setAutoLock } from '../lib/auto-lock';
import { asCallError } from '../lib/call-error';
import { number, plural } from '../lib/format';
import '../elements/fs-elsewhere';
import type { Typed } from '../elements/fs-elsewhere';
import type { Keystore } from '../lib/generated';
import { theKeyring } from '../lib/keyring';
import { KeystoreRefused } from '../lib/keystore';
import { LiveController, live } from '../lib/live';
import { saveText } from '../lib/save-file';
import { visible } from '../lib/text';
import { toast } from '../lib/toast';
import * as vault from '../lib/vault';
import '../elements/fs-device-unlock';

/** Shorter passphrases are guessed too soon by whoever has the device. */
const SHORTEST = 10;

/** What is being asked for beside the passphrase. */
type Deed = 'rotate' | 'change' | 'import';

/** The vault: set up, opened, locked; its passphrase, its keys, its file. */
@customElement('fs-vault')
export class FsVault extends LitElement {
  static override styles = [
    base,
    page,
    fields,
    stacked,
    css`
      :host {
        max-width: 720px;
        margin: 0 auto;
        padding: var(--fs-4);
      }
      .card {
        display: grid;
        gap: var(--fs-4);
        align-content: start;
      }
      .check {
        display: flex;
        gap: var(--fs-3);
        align-items: start;
        min-height: var(--fs-target);
      }
      .check input {
        flex: none;
      }
      .sealed {
        display: flex;
        gap: var(--fs-2);
      }
      .check .small {
        display: block;
        color: var(--fs-muted);
      }
    `,
  ];

  @state() private failure = '';
  @state() private busy = false;
  @state() private deed: Deed | undefined;
  @state() private keystore: Keystore | undefined;
  /** The file that was chosen has another passphrase than this device. */
  @state() private otherLock = false;
  @state() private kept = false;
  @query('h1') private heading!: HTMLElement;
  @query('form.asked') private asked!: HTMLFormElement | null;
  private stop: (() => void) | undefined;

  constructor() {
    super();
    new LiveController(this);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.look();
    void theKeyring().then(keyring => {
      this.stop = keyring.onChange(() => void this.look());
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop?.();
  }

  override focus(options?: FocusOptions): void {
    this.heading.focus(options);
  }

  override render(): TemplateResult {
    const state = live.status?.vault;
    return html`<h1 tabindex="-1">${state === 'locked' ? msg('Unlock') : msg('Passphrase')}</h1>
      ${this.failure ? html`<p class="trouble card" role="alert">${icons.alert}<span>${visible(this.failure)}</span></p>` : nothing}
      ${!state ? nothing : state === 'absent' ? this.begin() : state === 'locked' ? this.locked() : this.open()}`;
  }

  private begin(): TemplateResult {
    return html`<p class="lead">
        ${msg('With a passphrase, what you enter is sealed on this device: whoever finds it cannot read it. You type the passphrase when you open the app.')}
      </p>
      ${this.elsewhere(undefined)}
      <form class="card" @submit=${this.setUp}>
        ${this.newPassphrase()} ${this.keep()}
        <p class="small">${msg('Nobody can bring a forgotten passphrase back. What is on the server is not lost then; what still waits on this device is.')}</p>
        <button class="main" aria-disabled=${this.busy}>${this.busy ? msg('Sealing…') : msg('Use a passphrase')}</button>
      </form>
      <div class="card">
        <h2>${msg('You have one on another device?')}</h2>
        <p>${msg('Save the keys there as a file, and take them from it here: then both are opened by the same passphrase.')}</p>
        <div class="actions">
          <button type="button" aria-disabled=${this.busy} @click=${() => this.ask('import')}>${msg('Take keys from a file')}</button>
        </div>
        ${this.deed === 'import' ? this.asking('import') : nothing}
      </div>`;
  }

  private locked(): TemplateResult {
    return html`<p class="lead">
        ${live.status?.hold?.why === 'revoked' ? msg('What is on this device is sealed.') : msg('What is on this device is sealed. You can go on entering readings; they are sealed too, and sent once you have unlocked.')}
      </p>
      <fs-device-unlock locked></fs-device-unlock>
      <form class="card" @submit=${this.unlock}>
        ${this.passphrase('passphrase', msg('Passphrase'))} ${this.keep()}
        <button class="main" aria-disabled=${this.busy}>${this.busy ? msg('Unlocking…') : msg('Unlock')}</button>
      </form>
      <p><a href="/">${msg('Enter a reading without unlocking')}</a></p>`;
  }

  private open(): TemplateResult {
    const asked = this.deed;
    return html`${this.keystore ? this.elsewhere(this.keystore) : nothing}
      <div class="card">
        <p class="sealed">${icons.tick} <span>${msg('What you enter is sealed on this device.')}
          ${this.kept ? msg('It stays unlocked on this device, also when the app is closed.') : msg('It is locked when the app is closed.')}</span></p>
        ${this.kept ? nothing : this.byItself()}
        <div class="actions">
          <button type="button" class="main" @click=${this.lock}>${msg('Lock now')}</button>
        </div>
      </div>
      <fs-device-unlock></fs-device-unlock>
      <div class="card">
        <h2>${msg('Your keys')}</h2>
        <div class="actions">
          <button type="button" aria-disabled=${this.busy} @click=${() => this.ask('change')}>${msg('Change the passphrase')}</button>
          <button type="button" aria-disabled=${this.busy} @click=${() => this.ask('rotate')}>${msg('Make new keys')}</button>
          <button type="button" @click=${this.save}>${msg('Save the keys as a file')}</button>
          <button type="button" aria-disabled=${this.busy} @click=${() => this.ask('import')}>${msg('Take keys from a file')}</button>
        </div>
        ${asked ? this.asking(asked) : nothing}
        <fs-rotations .rotations=${this.keystore?.rotations ?? []}></fs-rotations>
      </div>`;
  }

  private byItself(): TemplateResult {
    const chosen = autoLock();
    const times = [5, 15, 60, 0];
    const words = (minutes: number) =>
      minutes === 0
        ? msg('Never')
        : plural(minutes, msg('After # minute without a touch|After # minutes without a touch'));
    return html`<div>
      <label for="by-itself">${msg('Lock by itself')}</label>
      <select id="by-itself" @change=${(event: Event) => setAutoLock(Number((event.target as HTMLSelectElement).value))}>
        ${times.map(minutes => html`<option value=${minutes} ?selected=${minutes === chosen}>${words(minutes)}</option>`)}
      </select>
    </div>`;
  }

  private asking(deed: Deed): TemplateResult {
    const words = {
      change: msg('Change the passphrase'),
      rotate: msg('Make new keys'),
      import: msg('Take keys from a file'),
    }[deed];
    return html`<form class="asked" @submit=${(event: Event) => this.act(event, deed)}>
      ${deed === 'rotate' ? html`<p class="small">${msg('For instance after a device was lost. What was sealed before can still be read on this one.')}</p>` : nothing}
      ${
        deed === 'import'
          ? html`<div><label for="file">${msg('File')}</label><input id="file" name="file" type="file" accept="application/json,.json" required @change=${this.lookInto} /></div>
            ${this.passphrase('passphrase', msg('Passphrase of the file'))}
            ${this.otherLock ? this.passphrase('own', msg('This device’s passphrase until now')) : nothing}`
          : this.passphrase('passphrase', msg('Your passphrase'))
      }
      ${deed === 'change' ? this.newPassphrase() : nothing}
      <div class="actions">
        <button class="main" aria-disabled=${this.busy}>${this.busy ? msg('One moment…') : words}</button>
        <button type="button" @click=${() => this.ask(undefined)}>${msg('Cancel')}</button>
      </div>
    </form>`;
  }

  private passphrase(name: string, label: string): TemplateResult {
    return html`<div>
      <label for=${name}>${label}</label>
      <input id=${name} name=${name} type="password" autocomplete="current-password" required />
    </div>`;
  }

  private newPassphrase(): TemplateResult {
    return html`<div>
        <label for="first">${msg('New passphrase')}</label>
        <input id="first" name="first" type="password" autocomplete="new-password" minlength=${SHORTEST} required aria-describedby="hint" />
        <p id="hint" class="small">${msg(str`At least ${number(SHORTEST)} characters. Four words that belong together for nobody else are good ones.`)}</p>
      </div>
      <div>
        <label for="again">${msg('The same once more')}</label>
        <input id="again" name="again" type="password" autocomplete="new-password" required />
      </div>`;
  }

  private keep(): TemplateResult {
    return html`<label class="check">
      <input type="checkbox" name="keep" />
      <span>${msg('Keep unlocked on this device')}
        <span class="small">${msg('Entries are then sent also while the app is closed. Whoever can unlock the device itself could read them.')}</span></span>
    </label>`;
  }

  private async look(): Promise<void> {
    const keyring = await theKeyring();
    if (keyring.state() !== 'open') return;
    [this.keystore, this.kept] = [await vault.keystore().catch(() => undefined), await keyring.isKept()];
  }

  private ask(deed: Deed | undefined): void {
    if (deed && this.busy) return; // what is under way takes its form with it when it ends
    [this.deed, this.failure, this.otherLock] = [deed, '', false];
    void this.updateComplete.then(() => this.asked?.querySelector('input')?.focus());
  }

  private readonly setUp = (event: Event): Promise<void> =>
    this.work(event, async entered => {
      await vault.setUp(this.same(entered), entered.has('keep'));
      toast({ kind: 'done', message: msg('From now on what you enter is sealed on this device.') });
    });

  private readonly unlock = (event: Event): Promise<void> =>
    this.work(event, entered => vault.unlock(String(entered.get('passphrase')), entered.has('keep')));

  private act(event: Event, deed: Deed): Promise<void> {
    return this.work(event, async entered => {
      const passphrase = String(entered.get('passphrase'));
      if (deed === 'rotate') {
        await vault.rotate(passphrase);
        toast({
          kind: 'done',
          message: msg('New keys are in use. Your other devices ask for your passphrase to take them in.'),
        });
      } else if (deed === 'change') {
        await vault.changePassphrase(passphrase, this.same(entered));
        toast({ kind: 'done', message: msg('The new passphrase is in use.') });
      } else {
        const found = await vault.readFile(await (entered.get('file') as File).text());
        const own = entered.get('own');
        told(await vault.imported(found, passphrase, own === null ? undefined : String(own)));
      }
      this.deed = undefined;
    });
  }

  /** Where the passphrase was changed on the device that made the file, that of this one is asked for too. */
  private readonly lookInto = async ({ target }: Event): Promise<void> => {
    const [file] = (target as HTMLInputElement).files ?? [];
    // What is no such file is said when it is taken.
    const found = file && (await vault.readFile(await file.text()).catch(() => undefined));
    this.otherLock = Boolean(found && this.keystore && found.lock.salt !== this.keystore.lock.salt);
  };

  private same(entered: FormData): string {
    const [first, again] = [String(entered.get('first')), String(entered.get('again'))];
    if (first.length < SHORTEST) throw new Error(msg(str`Take at least ${number(SHORTEST)} characters.`));
    if (first !== again) throw new Error(msg('The two are not the same.'));
    return first;
  }

  private async work(event: Event, deed: (entered: FormData) => Promise<void>): Promise<void> {
    event.preventDefault();
    if (this.busy) return;
    const form = event.currentTarget as HTMLFormElement;
    [this.busy, this.failure] = [true, ''];
    try {
      await deed(new FormData(form));
      form.reset();
      this.heading.focus();
    } catch (error) {
      this.failure = words(error);
    } finally {
      this.busy = false;
      await this.look();
    }
  }

  /** Takes in what the other devices have. */
  private readonly take = async ({ theirs, passphrase, own }: Typed): Promise<boolean> => {
    [this.busy, this.failure] = [true, ''];
    try {
      told(await vault.imported(theirs, passphrase, own));
      this.heading.focus();
      return true;
    } catch (error) {
      this.failure = words(error);
      return false;
    } finally {
      this.busy = false;
      await this.look();
    }
  };

  private elsewhere(mine: Keystore | undefined): TemplateResult {
    return html`<fs-elsewhere .mine=${mine} .take=${this.take} ?busy=${this.busy}></fs-elsewhere>`;
  }

  private readonly lock = async (): Promise<void> => {
    await vault.lock();
    this.deed = undefined;
    this.heading.focus();
  };

  private readonly save = async (): Promise<void> => {
    try {
      saveText('keys', await vault.exported());
    } catch (error) {
      this.failure = words(error);
    }
  };
}

function told({ learned }: vault.Imported): void {
  toast({
    kind: learned ? 'done' : 'plain',
    message: learned ? msg('The keys are here now.') : msg('All of these keys were here already.'),
  });
}

function words(error: unknown): string {
  if (error instanceof vault.WrongPassphrase) return msg('This is not the passphrase.');
  if (error instanceof vault.TooSoon) {
    const seconds = Math.max(1, Math.ceil((error.until - Date.now()) / 1_000));
    return msg(str`The passphrase was wrong several times. Try again in ${number(seconds)} s.`);
  }
  if (error instanceof KeystoreRefused) return error.message;
  return asCallError(error).message;
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-vault': FsVault;
  }
}
