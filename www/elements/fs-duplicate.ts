import { msg, str } from '@lit/localize';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { answer, answered } from '../lib/answered';
import { month, numbers } from '../lib/format';
import type { Reading } from '../lib/generated';
import { visible } from '../lib/text';
import { base, sheet } from './base';
import { icons } from './icons';

/** What the person chose; closing the sheet decides nothing and loses nothing. */
export type Choice = 'keep' | 'replace' | 'later';

/** Two readings for one meter and month, side by side. */
@customElement('fs-duplicate')
export class FsDuplicate extends LitElement {
  static override styles = [
    base,
    sheet,
    css`
      dl {
        display: grid;
        grid-template-columns: 1fr 1fr;
        gap: var(--fs-3);
        margin-top: var(--fs-4);
      }
      dl div {
        padding: var(--fs-3);
        border: 1px solid var(--fs-line);
        border-radius: var(--fs-radius);
        background: var(--fs-sunken);
      }
      dt {
        color: var(--fs-muted);
        font-size: var(--fs-small);
      }
      dd {
        font-size: var(--fs-large);
        font-weight: 650;
        line-height: 1.25;
        overflow-wrap: anywhere;
      }
      .trouble {
        display: flex;
        gap: var(--fs-2);
        margin-top: var(--fs-4);
        color: var(--fs-amber);
        font-weight: 550;
      }
    `,
  ];

  @state() private existing: Reading | undefined;
  @state() private mine = 0;
  @state() private trouble = '';
  @query('dialog') private dialog!: HTMLDialogElement;

  /** Asks which of the two is to stay. `trouble` says why the last choice could not be carried out. */
  async choose(existing: Reading, mine: number, trouble = ''): Promise<Choice> {
    Object.assign(this, { existing, mine, trouble });
    await this.updateComplete;
    return ((await answered(this.dialog)) || 'later') as Choice;
  }

  override render(): TemplateResult {
    const { existing } = this;
    const [theirs = '', mine = ''] = existing ? numbers(existing.value, this.mine) : [];
    return html`<dialog aria-labelledby="title" aria-describedby="text">
      <h2 id="title" tabindex="-1" autofocus>${msg('This meter has a reading already')}</h2>
      ${
        existing
          ? html`<p id="text">
              <bdi>${visible(existing.property, 64)}</bdi> · <bdi>${visible(existing.unit, 64)}</bdi>${
                existing.meter ? html` · <bdi>${visible(existing.meter, 64)}</bdi>` : nothing
              },
              ${month(existing.period) ?? visible(existing.period, 40)}. ${msg('Which one is right?')}
            </p>
            <dl class="numbers">
              <div><dt>${msg('Saved before')}</dt><dd>${theirs}</dd></div>
              <div><dt>${msg('Typed now')}</dt><dd>${mine}</dd></div>
            </dl>`
          : nothing
      }
      ${this.trouble ? html`<p class="trouble" role="alert">${icons.clock} ${visible(this.trouble)}</p>` : nothing}
      <div class="choices">
        <button type="button" class="main" @click=${() => answer(this.dialog, 'replace')}>
          ${this.trouble ? msg(str`Try again: replace with ${mine}`) : msg(str`Replace with ${mine}`)}
        </button>
        <button type="button" @click=${() => answer(this.dialog, 'keep')}>${msg(str`Keep ${theirs}`)}</button>
        <button type="button" class="bare" @click=${() => answer(this.dialog, 'later')}>${msg('Go back to the form')}</button>
      </div>
    </dialog>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-duplicate': FsDuplicate;
  }
}
