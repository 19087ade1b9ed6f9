import { msg, str } from '@lit/localize';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { live as asShown } from 'lit/directives/live.js';
import { asCallError } from '../lib/call-error';
import { type Ask, SETTINGS } from '../lib/choices';
import type { Fieldsync } from '../lib/client';
import { number } from '../lib/format';
import type { Settings, SettingsChange } from '../lib/generated';
import { type Live, LiveController } from '../lib/source';
import { visible } from '../lib/text';
import { asks } from './asks';
import { base } from './base';
import { icons } from './icons';
import { fields, page } from './page';

/** A setting that a person has changed: what it is called, what it is now, and what it was. */
export type SettingChanged = CustomEvent<{ label: string; change: SettingsChange; before: SettingsChange }>;

/**
 * The settings of background sync. Each change is kept at once, and told with `fs-setting`; where there is no engine it is only
 * told, and whoever gave the settings gives them anew.
 */
@customElement('fs-settings')
export class FsSettings extends LitElement {
  static override styles = [
    base,
    page,
    fields,
    asks,
    css`
      :host {
        padding: 0;
      }
    `,
  ];

  /** Whose settings they are; in the app the page's own engine's. */
  @property({ attribute: false }) client: Fieldsync | undefined;
  /** The settings themselves, where there is no engine. */
  @property({ attribute: false }) settings: Settings | undefined;
  @state() private kept: Settings | undefined;
  @state() private failure = '';
  @state() private errors = new Map<string, string>();

  /** Of which engine, and as of when, what is shown is. */
  private seen: { live: Live; revision: number } | undefined;
  private readonly source = new LiveController(this, () => void this.follow());

  override render(): TemplateResult {
    const settings = this.settings ?? this.kept;
    return html`${this.failure && !this.source.live?.failure ? html`<p class="trouble" part="trouble" role="alert">${icons.alert} ${this.failure}</p>` : nothing}
      ${settings ? SETTINGS.map(({ title, asks }, n) => this.section(title, asks, settings, n)) : nothing}`;
  }

  private section(title: string, asks: Ask[], settings: Settings, n: number): TemplateResult {
    return html`<section class="card" part="section" aria-labelledby="section-${n}">
      <h2 id="section-${n}" part="title">${title}</h2>
      ${asks.map(ask => this.ask(ask, settings))}
    </section>`;
  }

  private ask(ask: Ask, settings: Settings): TemplateResult {
    const { name, label, hint, kind } = ask;
    const error = this.errors.get(name);
    return html`<div class="ask ${kind}" part="setting">
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
      const turn = (event: Event) => this.set({ [name]: (event.target as HTMLInputElement).checked }, ask);
      return html`<input type="checkbox" role="switch" id=${name} aria-describedby="${name}-hint ${name}-error"
        .checked=${asShown(value === true)} @change=${turn} />`;
    }
    if (ask.kind === 'choice') {
      const choose = (event: Event) => this.set({ [name]: (event.target as HTMLSelectElement).value }, ask);
      return html`<select id=${name} aria-describedby="${name}-hint ${name}-error" @change=${choose}>
        ${ask.options.map(([option, words]) => html`<option value=${option} .selected=${option === value}>${words}</option>`)}
      </select>`;
    }
    const enter = (event: Event) => {
      const typed = (event.target as HTMLInputElement).value.trim();
      const n = /^\d{1,6}$/.test(typed) ? Number(typed) : Number.NaN;
      if (n >= ask.min && n <= ask.max) return this.set({ [name]: n }, ask);
      return this.refuse(name, msg(str`Enter a number from ${number(ask.min)} to ${number(ask.max)}.`));
    };
    return html`<input id=${name} inputmode="numeric" maxlength="6" aria-invalid=${wrong} enterkeyhint="done"
        aria-describedby="${name}-hint ${name}-unit ${name}-error" .value=${String(value)} @change=${enter} />
      <span id="${name}-unit">${ask.unit}</span>`;
  }

  private refuse(name: string, message: string): void {
    this.errors = new Map(this.errors).set(name, message);
  }

  private async set(change: SettingsChange, { name, label }: Ask): Promise<void> {
    const before = this.settings ?? this.kept;
    if (!before) return;
    if (before[name] === change[name]) return this.accept(name);
    try {
      if (!this.settings) await this.change(change);
      this.accept(name);
      const detail = { label, change, before: { [name]: before[name] } };
      this.dispatchEvent(new CustomEvent('fs-setting', { detail, bubbles: true, composed: true }));
    } catch (error) {
      const { fields: wrong = [], message } = asCallError(error);
      this.refuse(name, wrong.find(({ field }) => field === name)?.message ?? message);
    }
    // What was not taken is not shown.
    this.requestUpdate();
  }

  /** Changes settings, as a person would here; to undo what they did. */
  async change(change: SettingsChange): Promise<void> {
    const client = await this.source.live?.client();
    if (client) this.kept = await client.setSettings(change);
  }

  private accept(name: string): void {
    this.errors = new Map([...this.errors].filter(([other]) => other !== name));
  }

  /** Another tab, or a supervisor, may change them too. */
  private async follow(): Promise<void> {
    const { live } = this.source;
    if (!live || this.settings || live.failure) return;
    const { revision } = live;
    if (this.seen?.live === live && this.seen.revision === revision) return;
    this.seen = { live, revision };
    try {
      const kept = await (await live.client()).settings();
      if (this.errors.size === 0) this.kept = kept;
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
  interface HTMLElementEventMap {
    'fs-setting': SettingChanged;
  }
}
