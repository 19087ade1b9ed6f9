import { msg } from '@lit/localize';
import { css, html, nothing, type TemplateResult } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { base, sheet, stateColours } from './base';
import { icons } from './icons';
import { Unhurried } from './unhurried';

const marks: [TemplateResult, string, string][] = [
  [icons.tick, 'grey', msg('Saved here, on this device; it is sent by itself.')],
  [icons.ticks, 'green', msg('On the server, which has confirmed it.')],
  [icons.clock, 'amber', msg('Waiting. The words beside it say what for.')],
  [icons.alert, 'red', msg('Needs you. The button below it is what to do.')],
];

const keys: [string, string][] = [
  [msg('Enter'), msg('Save the reading')],
  ['N', msg('A new reading')],
  ['R', msg('Route')],
  ['G', msg('Sync centre')],
  ['S', msg('Sync now')],
  ['J K', msg('Next and previous in a list')],
  ['/', msg('Search in a list')],
  ['?', msg('This help')],
];

/** What the marks mean, and the keys; in the demo the tour begins here, which `fs-tour` asks for. */
@customElement('fs-help')
export class FsHelp extends Unhurried {
  static override styles = [
    base,
    sheet,
    stateColours,
    css`
      h3 {
        margin-top: var(--fs-6);
      }
      ul {
        display: grid;
        gap: var(--fs-2);
        margin-top: var(--fs-2);
        list-style: none;
      }
      li {
        display: grid;
        grid-template-columns: 64px 1fr;
        gap: var(--fs-3);
        align-items: center;
      }
      kbd {
        justify-self: start;
        min-width: 32px;
        padding: 2px var(--fs-2);
        border: 1px solid var(--fs-border);
        border-radius: 6px;
        background: var(--fs-sunken);
        font: inherit;
        font-size: var(--fs-small);
        text-align: center;
      }
    `,
  ];

  /** In the demo there is a tour. */
  @property({ type: Boolean }) demo = false;
  @query('dialog') private dialog!: HTMLDialogElement;

  open(): void {
    if (!this.dialog.open) this.dialog.showModal();
  }

  private tour(): void {
    this.dialog.close();
    this.dispatchEvent(new CustomEvent('fs-tour'));
  }

  override render(): TemplateResult {
    return html`<dialog aria-labelledby="title">
      <h2 id="title" tabindex="-1" autofocus>${msg('Help')}</h2>
      <p>${msg('Readings are saved on this device first, with or without a connection. They are sent by themselves, also when this page is closed.')}</p>
      <h3>${msg('The marks')}</h3>
      <ul>
        ${marks.map(([icon, tone, words]) => html`<li><span class=${tone}>${icon}</span> ${words}</li>`)}
      </ul>
      <h3>${msg('Keys')}</h3>
      <ul>
        ${keys.map(([key, words]) => html`<li><kbd>${key}</kbd> ${words}</li>`)}
      </ul>
      <div class="choices">
        ${this.demo ? html`<button type="button" class="main" @click=${this.tour}>${msg('Take the tour: two minutes')}</button>` : nothing}
        <button type="button" @click=${() => this.dialog.close()}>${msg('Close')}</button>
      </div>
    </dialog>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-help': FsHelp;
  }
}
