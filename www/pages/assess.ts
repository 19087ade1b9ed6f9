import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { base } from '../elements/base';
import { icons } from '../elements/icons';
import { page } from '../elements/page';
import { offered } from '../lib/default-forms';
import { lookForForms } from '../lib/forms';
import { visible } from '../lib/text';
import '../elements/fs-drafts';
import '../elements/fs-filling';

/** Which kind of assessment it is to be; above that, what was begun and is not finished. */
@customElement('fs-assess')
export class FsAssess extends LitElement {
  static override styles = [
    base,
    page,
    css`
      :host {
        max-width: 640px;
        margin: 0 auto;
      }
      ul {
        overflow: hidden;
        border: 1px solid var(--fs-line);
        border-radius: var(--fs-radius);
        background: var(--fs-surface);
        list-style: none;
      }
      li + li {
        border-top: 1px solid var(--fs-line);
      }
      li a {
        display: grid;
        grid-template-columns: 1fr 20px;
        gap: var(--fs-3);
        align-items: center;
        min-height: 64px;
        padding: var(--fs-2) var(--fs-4);
        text-decoration: none;
        overflow-wrap: anywhere;
      }
      li a:focus-visible {
        outline-offset: -4px;
        box-shadow: none;
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
  @query('h1') private heading!: HTMLElement;

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
        <h1 tabindex="-1">Assess a site</h1>
        <p class="lead">What is it about?</p>
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
      <fs-drafts></fs-drafts>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-assess': FsAssess;
  }
}
