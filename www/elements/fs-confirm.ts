import { html, LitElement, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { answer, answered } from '../lib/answered';
import { visible } from '../lib/text';
import { base, sheet } from './base';

/** A question before something is lost. */
export interface Question {
  title: string;
  /** What will be lost, and what stays. */
  text: string;
  /** The word on the button that does it. */
  yes: string;
  no: string;
}

/** Asks, and answers with yes or no; closing it in any way is a no. */
@customElement('fs-confirm')
export class FsConfirm extends LitElement {
  static override styles = [base, sheet];

  @state() private question: Question | undefined;
  @query('dialog') private dialog!: HTMLDialogElement;

  async ask(question: Question): Promise<boolean> {
    this.question = question;
    await this.updateComplete;
    return (await answered(this.dialog)) === 'yes';
  }

  override render(): TemplateResult {
    const { title = '', text = '', yes = '', no = '' } = this.question ?? {};
    return html`<dialog aria-labelledby="title" aria-describedby="text">
      <h2 id="title">${visible(title)}</h2>
      <p id="text">${visible(text)}</p>
      <div class="choices">
        <button type="button" class="main" @click=${() => answer(this.dialog, 'yes')}>${yes}</button>
        <button type="button" autofocus @click=${() => answer(this.dialog, 'no')}>${no}</button>
      </div>
    </dialog>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-confirm': FsConfirm;
  }
}
