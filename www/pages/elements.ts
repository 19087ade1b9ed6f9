import { css, html, LitElement, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { base } from '../elements/base';
import type { Health } from '../elements/fs-badge';
import { page } from '../elements/page';
import { items, settings, statuses } from '../lib/element-states';
import type { Settings } from '../lib/generated';
import '../elements/all';

const DEEDS = ['fs-correct', 'fs-discard', 'fs-keep-mine', 'fs-keep-theirs', 'fs-setting'] as const;

/**
 * The elements that any page can use, each in every state: for developers, who see here what they get, and for the tests. In
 * English, as its documentation is.
 */
@customElement('fs-elements')
export class FsElements extends LitElement {
  static override styles = [
    base,
    page,
    css`
      :host {
        max-width: 1232px;
        margin: 0 auto;
      }
      .states {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(100%, 320px), 1fr));
        gap: var(--fs-4);
        align-items: start;
      }
      section h2 {
        margin-bottom: var(--fs-3);
      }
      figure {
        display: grid;
        gap: var(--fs-2);
        min-width: 0;
      }
      figcaption {
        color: var(--fs-muted);
        font-size: var(--fs-small);
      }
      .badges {
        grid-template-columns: repeat(auto-fill, minmax(140px, 1fr));
      }
      fs-settings {
        display: grid;
        gap: var(--fs-4);
      }
      .told {
        position: sticky;
        bottom: var(--fs-nav);
        padding: var(--fs-2) 0;
        background: var(--fs-page);
      }
      @media (min-width: 900px) {
        :host {
          padding: var(--fs-6);
        }
      }
    `,
  ];

  @query('h1') private heading!: HTMLElement;
  @state() private settings: Settings = settings;
  @state() private told = '';
  private readonly now = Date.now();

  constructor() {
    super();
    for (const name of DEEDS) {
      this.addEventListener(name, ({ type, detail }: CustomEvent) => {
        this.told = type;
        if (type === 'fs-setting') this.settings = { ...this.settings, ...detail.change };
      });
    }
  }

  override focus(options?: FocusOptions): void {
    this.heading.focus(options);
  }

  override render(): TemplateResult {
    const seen = statuses(this.now);
    const badge = (state: Health, caption: string, checked?: number) =>
      figure(caption, html`<fs-badge state=${state} .lastCheck=${checked}></fs-badge>`);
    return html`<div lang="en" dir="ltr">
        <h1 tabindex="-1">Elements</h1>
        <p class="lead">What any page can show of fieldsync, in every state. They are described in docs/elements.md.</p>
      </div>
      ${part(
        'fs-badge',
        [
          badge('starting', 'starting'),
          badge('aligned', 'aligned', this.now - 5 * 60_000),
          badge('needed', 'needed', this.now - 2 * 3_600_000),
          badge('failed', 'failed', this.now - 60_000),
        ],
        'badges',
      )}
      ${part(
        'fs-indicator',
        Object.entries(seen).map(([name, status]) =>
          figure(name, html`<fs-indicator .status=${status}></fs-indicator>`),
        ),
      )}
      ${part('fs-progress', [
        figure('minimal', html`<fs-progress variant="minimal" .status=${seen.sending}></fs-progress>`),
        figure('compact', html`<fs-progress variant="compact" .status=${seen.sending}></fs-progress>`),
        figure('detailed, before the first answer', progress(seen.starting)),
        figure('detailed, held', progress(seen.held)),
        figure('detailed, offline', progress(seen.offline)),
        figure('detailed, after a sync', progress(seen.ended)),
      ])}
      ${part('fs-list', [
        figure('an item in each state', html`<fs-list .items=${items(this.now)}></fs-list>`),
        figure(
          'empty, with what is in its slot',
          html`<fs-list .items=${[]}><p>Nothing is waiting</p></fs-list>`,
        ),
      ])}
      ${part('fs-settings', [figure('', html`<fs-settings .settings=${this.settings}></fs-settings>`)])}
      <p class="told small" role="status">${this.told ? `Told with ${this.told}.` : 'What is told with events is named here.'}</p>`;
  }
}

function part(name: string, states: TemplateResult[], sort = ''): TemplateResult {
  return html`<section aria-labelledby=${name}>
    <h2 id=${name}>${name}</h2>
    <div class="states ${sort}">${states}</div>
  </section>`;
}

const figure = (caption: string, element: TemplateResult): TemplateResult =>
  caption ? html`<figure>${element}<figcaption lang="en">${caption}</figcaption></figure>` : element;

const progress = (status: ReturnType<typeof statuses>['held']): TemplateResult =>
  html`<fs-progress .status=${status}></fs-progress>`;

declare global {
  interface HTMLElementTagNameMap {
    'fs-elements': FsElements;
  }
}
