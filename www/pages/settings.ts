import { msg, str } from '@lit/localize';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { live as asShown } from 'lit/directives/live.js';
import { base } from '../elements/base';
import type { FsSettings, SettingChanged } from '../elements/fs-settings';
import { fields, page } from '../elements/page';
import { asCallError } from '../lib/client';
import type { SettingsChange } from '../lib/generated';
import { chooseLanguage, chosenLanguage, LANGUAGES, NAMES } from '../lib/language';
import { setTheme, type Theme, theme } from '../lib/theme';
import { toast } from '../lib/toast';
import '../elements/fs-install';
import '../elements/fs-notices';
import '../elements/fs-settings';
import '../elements/fs-storage';

const LOOKS: [Theme, string, string][] = [
  ['system', msg('As the system'), msg('Light or dark by itself')],
  ['light', msg('Light'), ''],
  ['dark', msg('Dark'), ''],
  ['sunlight', msg('Sunlight'), msg('Highest contrast')],
];

/** When and how it is sent, what is kept, and how the app looks. Every change counts at once, and can be undone. */
@customElement('fs-settings-page')
export class FsSettingsPage extends LitElement {
  static override styles = [
    base,
    page,
    fields,
    css`
      /* Each of its sections is a card among those of the page. */
      fs-settings {
        display: contents;
      }
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
        .columns > *,
        fs-settings::part(section) {
          margin-bottom: var(--fs-4);
          break-inside: avoid;
        }
      }
    `,
  ];

  @state() private look: Theme = theme();
  @query('h1') private heading!: HTMLElement;
  @query('fs-settings') private engine!: FsSettings;

  override focus(options?: FocusOptions): void {
    this.heading.focus(options);
  }

  override render(): TemplateResult {
    return html`<div class="head"><div>
        <h1 tabindex="-1">${msg('Settings')}</h1>
        <p class="lead">${msg('Each change counts at once, on this device.')}</p>
      </div></div>
      <div class="columns">
        <section class="card" aria-labelledby="looks">
          <h2 id="looks">${msg('How the app looks')}</h2>
          <fieldset class="looks" aria-labelledby="looks">
            ${LOOKS.map(([name, words, hint]) => this.choice('look', words, hint, this.look === name, () => this.show(name)))}
          </fieldset>
        </section>
        ${this.languages()}
        <fs-settings @fs-setting=${this.changed}></fs-settings>
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

  private changed({ detail: { label, before } }: SettingChanged): void {
    toast({
      key: `setting ${Object.keys(before)}`,
      kind: 'done',
      message: msg(str`Saved: ${label}.`),
      action: { label: msg('Undo'), run: () => void this.undo(label, before) },
    });
  }

  private async undo(label: string, before: SettingsChange): Promise<void> {
    try {
      await this.engine.change(before);
      toast({ key: `setting ${Object.keys(before)}`, kind: 'done', message: msg(str`Saved: ${label}.`) });
    } catch (error) {
      toast({ kind: 'trouble', message: asCallError(error).message });
    }
  }

  private show(chosen: Theme): void {
    this.look = chosen;
    setTheme(chosen);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-settings-page': FsSettingsPage;
  }
}
