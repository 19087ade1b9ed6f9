import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { live as asShown } from 'lit/directives/live.js';
import { base } from '../elements/base';
import { icons } from '../elements/icons';
import { fields, page } from '../elements/page';
import { type Ask, SETTINGS } from '../lib/choices';
import { asCallError, connect } from '../lib/client';
import type { Settings, SettingsChange } from '../lib/generated';
import { LiveController, live } from '../lib/live';
import { visible } from '../lib/text';
import { setTheme, type Theme, theme } from '../lib/theme';
import { toast } from '../lib/toast';
import '../elements/fs-storage';

const LOOKS: [Theme, string, string][] = [
  ['system', 'As the system', 'Light or dark by itself'],
  ['light', 'Light', ''],
  ['dark', 'Dark', ''],
  ['sunlight', 'Sunlight', 'Highest contrast'],
];

/** When and how it is sent, what is kept, and how the app looks. Every change counts at once, and can be undone. */
@customElement('fs-settings')
export class FsSettings extends LitElement {
  static override styles = [
    base,
    page,
    fields,
    css`
      .columns {
        display: grid;
        gap: var(--fs-4);
        align-items: start;
      }
      .ask {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        gap: 0 var(--fs-4);
        align-items: center;
        min-height: 60px;
        padding: var(--fs-2) 0;
      }
      .ask + .ask {
        border-top: 1px solid var(--fs-line);
      }
      .ask:last-child {
        padding-bottom: 0;
      }
      .ask label {
        font-weight: 600;
        line-height: 1.35;
      }
      .ask .hint {
        grid-column: 1;
        color: var(--fs-muted);
        font-size: var(--fs-small);
        line-height: 1.4;
      }
      .ask .input {
        grid-area: 1 / 2 / 3;
        display: flex;
        align-items: center;
        gap: var(--fs-2);
      }
      .ask .input.number input {
        width: 5.2em;
        text-align: end;
        font-variant-numeric: tabular-nums;
      }
      .ask .input.number span {
        min-width: 4.6em;
        color: var(--fs-muted);
        font-size: var(--fs-small);
      }
      .ask .input select {
        max-width: 12.5em;
      }
      .ask .error {
        grid-column: 1 / -1;
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
      @media (max-width: 479px) {
        .ask .input.number input {
          width: 4.2em;
        }
        .ask .input.number span {
          min-width: 3.6em;
        }
        .ask.choice {
          grid-template-columns: 1fr;
        }
        .ask.choice .input {
          grid-area: auto;
          margin-top: var(--fs-2);
        }
        .ask.choice .input select {
          max-width: none;
        }
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
        <h1 tabindex="-1">Settings</h1>
        <p class="lead">Each change counts at once, on this device.</p>
      </div></div>
      ${this.failure && !live.failure ? html`<p class="trouble" role="alert">${icons.alert} ${this.failure}</p>` : nothing}
      <div class="columns">
        <section class="card" aria-labelledby="looks">
          <h2 id="looks">How the app looks</h2>
          <fieldset class="looks" aria-labelledby="looks">
            ${LOOKS.map(
              ([name, words, hint]) => html`<label>
                <input type="radio" name="look" .checked=${asShown(this.look === name)} @change=${() => this.show(name)} />
                <span>${words}${hint ? html`<span class="small">${hint}</span>` : nothing}</span>
              </label>`,
            )}
          </fieldset>
        </section>
        ${settings ? SETTINGS.map(({ title, asks }, n) => this.section(title, asks, settings, n)) : nothing}
        <section class="card" aria-labelledby="storage">
          <h2 id="storage">Storage</h2>
          <fs-storage></fs-storage>
        </section>
      </div>`;
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
      return this.refuse(name, `Enter a number from ${ask.min} to ${ask.max}.`);
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
        message: `Saved: ${ask.label}.`,
        action: { label: 'Undo', run },
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
