import { msg } from '@lit/localize';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { base } from '../elements/base';
import { icons } from '../elements/icons';
import { links, page } from '../elements/page';
import { type Assessed, assessed } from '../lib/assessed';
import { offered } from '../lib/default-forms';
import { lookForForms } from '../lib/forms';
import { LiveController, live } from '../lib/live';
import { visible } from '../lib/text';
import '../elements/fs-drafts';
import '../elements/fs-filling';

/** Sites on the server that are listed. */
const MOST = 20;

/** Which kind of assessment it is to be; above that, what was begun and is not finished. */
@customElement('fs-assess')
export class FsAssess extends LitElement {
  static override styles = [
    base,
    page,
    links,
    css`
      :host {
        max-width: 640px;
        margin: 0 auto;
      }
      section .lead {
        margin-bottom: var(--fs-2);
      }
      section h2 {
        font-size: var(--fs-base);
        letter-spacing: 0;
      }
      li a {
        grid-template-columns: 1fr 20px;
        min-height: 64px;
      }
      li span {
        display: block;
      }
      @media (min-width: 900px) {
        :host {
          padding: var(--fs-6);
        }
      }
    `,
  ];

  @state() private forms: Awaited<ReturnType<typeof offered>> | undefined;
  @state() private sites: Assessed[] = [];
  private seen = -1;
  @query('h1') private heading!: HTMLElement;

  constructor() {
    super();
    new LiveController(this, () => void this.follow());
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.look();
  }

  /** What is known at once; then what the server says, if it can be reached. */
  private async look(): Promise<void> {
    this.forms = await offered();
    await lookForForms();
    this.forms = await offered();
  }

  override focus(options?: FocusOptions): void {
    this.heading.focus(options);
  }

  override render(): TemplateResult {
    return html`<div>
        <h1 tabindex="-1">${msg('Assess a site')}</h1>
        <p class="lead">${msg('What is it about?')}</p>
      </div>
      ${
        this.forms
          ? html`<ul role="list">
              ${this.forms.map(
                ({ kind, form }) => html`<li>
                  <a href="/assess/form?kind=${kind}">
                    <span><b><bdi>${visible(form.title || kind, 120)}</bdi></b><span class="small muted"><bdi>${visible(form.hint, 200)}</bdi></span></span>
                    ${icons.on}
                  </a>
                </li>`,
              )}
            </ul>`
          : nothing
      }
      <fs-drafts></fs-drafts> ${this.known()}`;
  }

  private known(): TemplateResult | typeof nothing {
    if (this.sites.length === 0) return nothing;
    return html`<section aria-labelledby="known">
      <h2 id="known">${msg('On the server')}</h2>
      <p class="lead">${msg('Choose one to change it.')}</p>
      <ul role="list">
        ${this.sites.map(
          ({ entityId, title, sort }) => html`<li>
            <a href="/assess/form?record=${entityId}">
              <span><b><bdi>${title}</bdi></b><span class="small muted">${sort}</span></span>
              ${icons.on}
            </a>
          </li>`,
        )}
      </ul>
    </section>`;
  }

  /** Looks again when something has come from the server. */
  private async follow(): Promise<void> {
    if (this.seen === live.revision) return;
    this.seen = live.revision;
    try {
      this.sites = await assessed(MOST);
    } catch {
      // The page says once, elsewhere, that this device's storage cannot be used.
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-assess': FsAssess;
  }
}
