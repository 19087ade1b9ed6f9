import { msg, str } from '@lit/localize';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { live as asShown } from 'lit/directives/live.js';
import { asks } from '../elements/asks';
import { base } from '../elements/base';
import { icons } from '../elements/icons';
import { fields, page } from '../elements/page';
import { type Ask, SETTINGS } from '../lib/choices';
import { asCallError, connect } from '../lib/client';
import { number } from '../lib/format';
import type { Settings, SettingsChange } from '../lib/generated';
import { chooseLanguage, chosenLanguage, LANGUAGES, NAMES } from '../lib/language';
import { LiveController, live } from '../lib/live';
import { visible } from '../lib/text';
import { setTheme, type Theme, theme } from '../lib/theme';
import { toast } from '../lib/toast';
import '../elements/fs-install';
import '../elements/fs-notices';
import '../elements/fs-storage';

const LOOKS: [Theme, string, string][] = [
  ['system', msg('As the system'), msg('Light or dark by itself')],
  ['light', msg('Light'), ''],
  ['dark', msg('Dark'), ''],
  ['sunlight', msg('Sunlight'), msg('Highest contrast')],
];

/** When and how it is sent, what is kept, and how the app looks. Every change counts at once, and can be undone. */
@customElement('fs-settings')
export class FsSettings extends LitElement {
  static override styles = [
    base,
    page,
    fields,
    asks,
    css`
      .columns {
        display: grid;
        gap: var(--fs-4);
        align-items: start;
      }
      .looks {
        display: grid;
        grid-template-columns: 1fr 1fr;
        gap: var(--fs-2);
        margin: 0;
        padding: 0;
        border: 0;
      }
      .looks label {
        display: grid;
        grid-template-columns: auto 1fr;
        gap: 0 var(--fs-2);
        align-items: center;
        min-height: 56px;
        padding: var(--fs-2) var(--fs-3);
        border: 1.5px solid var(--fs-border);
        border-radius: var(--fs-radius);
        font-weight: 600;
        line-height: 1.3;
        cursor: pointer;
      }
      .looks label:has(:checked) {
        border-color: var(--fs-action);
        box-shadow: inset 0 0 0 1.5px var(--fs-action);
      }
      .looks .small {
        display: block;
        color: var(--fs-muted);
        font-weight: 400;
      }
      @media (min-width: 1180px) {
        .columns {
          display: block;
          columns: 2;
          column-gap: var(--fs-4);
        }
        .columns > * {
          margin-bottom: var(--fs-4);
          break-inside: avoid;
        }
      }
    `,
  ];

  @state() private settings: Settings | undefined;
  @state() private failure = '';
  @state() private errors = new Map<string, string>();
  @state() private look: Theme = theme();
  @query('h1') private heading!: HTMLElement;
  private seen = -1;

  constructor() {
    super();
    new LiveController(this, () => void this.follow());
  }

  override focus(options?: FocusOptions): void {
    this.heading.focus(options);
  }

  override render(): TemplateResult {
    const { settings } = this;
    return html`<div class="head"><div>
        <h1 tabindex="-1">${msg('Settings')}</h1>
        <p class="lead">${msg('Each change counts at once, on this device.')}</p>
      </div></div>
      ${this.failure && !live.failure ? html`<p class="trouble" role="alert">${icons.alert} ${this.failure}</p>` : nothing}
      <div class="columns">
        <section class="card" aria-labelledby="looks">
          <h2 id="looks">${msg('How the app looks')}</h2>
          <fieldset class="looks" aria-labelledby="looks">
            ${LOOKS.map(([name, words, hint]) => this.choice('look', words, hint, this.look === name, () => this.show(name)))}
          </fieldset>
        </section>
        ${this.languages()}
        ${settings ? SETTINGS.map(({ title, asks }, n) => this.section(title, asks, settings, n)) : nothing}
        <section class="card" aria-labelledby="notices">
          <h2 id="notices">${msg('Messages while the app is closed')}</h2>
          <fs-notices></fs-notices>
        </section>
        <section class="card" aria-labelledby="storage">
          <h2 id="storage">${msg('Storage')}</h2>
          <fs-storage></fs-storage>
        </section>
        <section class="card" aria-labelledby="install">
          <h2 id="install">${msg('On this device')}</h2>
          <fs-install></fs-install>
        </section>
      </div>`;
  }

  /** Another language begins with the page loaded anew; what is typed and saved stays. */
  private languages(): TemplateResult {
    const chosen = chosenLanguage();
    return html`<section class="card" aria-labelledby="language">
      <h2 id="language">${msg('Language')}</h2>
      <fieldset class="looks" aria-labelledby="language">
        ${this.choice('language', msg('The system’s language'), '', chosen === undefined, () => chooseLanguage(undefined))}
        ${LANGUAGES.map(name =>
          this.choice('language', html`<span lang=${name}>${NAMES[name]}</span>`, '', chosen === name, () =>
            chooseLanguage(name),
          ),
        )}
      </fieldset>
    </section>`;
  }

  private choice(
    group: string,
    words: string | TemplateResult,
    hint: string,
    chosen: boolean,
    choose: () => void,
  ): TemplateResult {
    return html`<label>
      <input type="radio" name=${group} .checked=${asShown(chosen)} @change=${choose} />
      <span>${words}${hint ? html`<span class="small">${hint}</span>` : nothing}</span>
    </label>`;
  }

  private section(title: string, asks: Ask[], settings: Settings, n: number): TemplateResult {
    return html`<section class="card" aria-labelledby="section-${n}">
      <h2 id="section-${n}">${title}</h2>
      ${asks.map(ask => this.ask(ask, settings))}
    </section>`;
  }

  private ask(ask: Ask, settings: Settings): TemplateResult {
    const { name, label, hint, kind } = ask;
    const error = this.errors.get(name);
    return html`<div class="ask ${kind}">
      <label for=${name}>${label}</label>
      <p class="hint" id="${name}-hint">${hint}</p>
      <div class="input ${kind}">${this.input(ask, settings, error !== undefined)}</div>
      <p class="error" id="${name}-error" role="alert" ?hidden=${!error}>${error ? html`${icons.alert} ${visible(error)}` : nothing}</p>
    </div>`;
  }

  private input(ask: Ask, settings: Settings, wrong: boolean): TemplateResult {
    const { name } = ask;
    const value = settings[name];
    if (ask.kind === 'switch') {
      const turn = (event: Event) => this.change({ [name]: (event.target as HTMLInputElement).checked }, ask);
      return html`<input type="checkbox" role="switch" id=${name} aria-describedby="${name}-hint ${name}-error"
        .checked=${asShown(value === true)} @change=${turn} />`;
    }
    if (ask.kind === 'choice') {
      const choose = (event: Event) =>
        this.change({ [name]: (event.target as HTMLSelectElement).value }, ask);
      return html`<select id=${name} aria-describedby="${name}-hint ${name}-error" @change=${choose}>
        ${ask.options.map(([option, words]) => html`<option value=${option} .selected=${option === value}>${words}</option>`)}
      </select>`;
    }
    const enter = (event: Event) => {
      const typed = (event.target as HTMLInputElement).value.trim();
      if (/^\d{1,6}$/.test(typed)) return this.change({ [name]: Number(typed) }, ask);
      return this.refuse(name, msg(str`Enter a number from ${number(ask.min)} to ${number(ask.max)}.`));
    };
    return html`<input id=${name} inputmode="numeric" maxlength="6" aria-invalid=${wrong} enterkeyhint="done"
        aria-describedby="${name}-hint ${name}-unit ${name}-error" .value=${String(value)} @change=${enter} />
      <span id="${name}-unit">${ask.unit}</span>`;
  }

  private refuse(name: string, message: string): void {
    this.errors = new Map(this.errors).set(name, message);
  }

  private async change(change: SettingsChange, ask: Pick<Ask, 'name' | 'label'>): Promise<void> {
    const before = this.settings;
    const { name } = ask;
    if (!before || before[name] === change[name]) {
      this.errors = new Map([...this.errors].filter(([other]) => other !== name));
      return;
    }
    try {
      this.settings = await (await connect()).setSettings(change);
      this.errors = new Map([...this.errors].filter(([other]) => other !== name));
      const run = () => void this.change({ [name]: before[name] }, ask);
      toast({
        key: `setting ${name}`,
        kind: 'done',
        message: msg(str`Saved: ${ask.label}.`),
        action: { label: msg('Undo'), run },
      });
    } catch (error) {
      const { fields: wrong = [], message } = asCallError(error);
      this.refuse(name, wrong.find(({ field }) => field === name)?.message ?? message);
      this.requestUpdate();
    }
  }

  private show(chosen: Theme): void {
    this.look = chosen;
    setTheme(chosen);
  }

  /** Another tab, or a supervisor, may change them too. */
  private async follow(): Promise<void> {
    if (this.seen === live.revision || live.failure) return;
    this.seen = live.revision;
    try {
      const settings = await (await connect()).settings();
      if (this.errors.size === 0) this.settings = settings;
      this.failure = '';
    } catch (error) {
      this.failure = asCallError(error).message;
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-settings': FsSettings;
  }
}
