import { msg } from '@lit/localize';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { answered, examine } from '../lib/answers';
import type { Entries } from '../lib/draft';
import { type Form, questionsOf } from '../lib/schema';
import { base } from './base';
import { formStyles, questionStyles } from './fs-form.styles';
import { icons } from './icons';
import { idOf, parts } from './questions';

/**
 * A form as its schema asks. It tells `fs-typed` with all entries at every change, and `fs-filled` with the record once a
 * person wants it saved and nothing is wrong. What is put into it stands after the questions.
 */
@customElement('fs-form')
export class FsForm extends LitElement {
  static override styles = [base, questionStyles, formStyles];

  @property({ attribute: false }) form!: Form;
  /** The record that it begins with. */
  @property({ attribute: false }) record: Record<string, unknown> = {};
  @property({ attribute: false }) entries: Entries = {};
  /** The word on its button. */
  @property() word = msg('Save');
  @property({ type: Boolean }) saving = false;
  @state() private errors: ReadonlyMap<string, string> = new Map();
  /** What is wrong that is about no question. */
  @state() private others: string[] = [];
  @query('.summary') private summary!: HTMLElement;

  override render(): TemplateResult {
    const { parts: all } = answered(this.form, this.record, this.entries);
    const { entries, errors } = this;
    return html`<form novalidate autocomplete="off" @submit=${this.submit}>
      ${this.list()} ${parts(all, { entries, errors, type: answers => this.type(answers) })}
      <slot></slot>
      <div class="bar">
        <button type="submit" class="main save" aria-disabled=${this.saving}>
          ${this.saving ? msg('Saving') : this.word}
        </button>
      </div>
    </form>`;
  }

  /** Shows what the engine or the server said; what is about no question of the form is said above it. */
  refuse(errors: ReadonlyMap<string, string>, others: string[]): void {
    const asked = new Set(
      questionsOf(answered(this.form, this.record, this.entries).parts).map(({ path }) => path),
    );
    this.errors = new Map([...errors].filter(([path]) => asked.has(path)));
    const rest = [...errors].filter(([path]) => !asked.has(path)).map(([, words]) => words);
    this.others = [...others, ...rest];
    void this.updateComplete.then(() => this.summary.focus());
  }

  /** The first question, where one begins. */
  override focus(): void {
    this.renderRoot.querySelector<HTMLElement>('.question input, .question textarea, fs-position')?.focus();
  }

  private list(): TemplateResult {
    const links = questionsOf(answered(this.form, this.record, this.entries).parts).filter(({ path }) =>
      this.errors.has(path),
    );
    const any = links.length > 0 || this.others.length > 0;
    // The region is there before its content, so that screen readers announce what comes into it.
    return html`<div role="alert" class="summary" tabindex="-1" ?hidden=${!any}>
      ${
        any
          ? html`<h2>${icons.alert} ${this.others.length > 0 ? msg('This was not saved') : msg('Something needs a correction')}</h2>
            ${this.others.map(words => html`<p><bdi>${words}</bdi></p>`)}
            <ul>
              ${links.map(
                ({ path }) => html`<li>
                  <a href="#${idOf(path)}" @click=${(event: Event) => this.goTo(event, path)}>${this.errors.get(path)}</a>
                </li>`,
              )}
            </ul>`
          : nothing
      }
    </div>`;
  }

  private goTo(event: Event, path: string): void {
    event.preventDefault();
    this.renderRoot.querySelector<HTMLElement>(`#${CSS.escape(idOf(path))}`)?.focus();
  }

  private type(answers: Record<string, Entries[string] | undefined>): void {
    const entries = { ...this.entries };
    for (const [path, answer] of Object.entries(answers)) {
      if (answer === undefined) delete entries[path];
      else entries[path] = answer;
    }
    this.entries = entries;
    // What is being corrected is not complained about meanwhile.
    const about = Object.keys(answers);
    const errors = new Map(this.errors);
    for (const path of errors.keys())
      if (about.some(one => one === path || one.startsWith(`${path}/`))) errors.delete(path);
    this.errors = errors;
    this.dispatchEvent(new CustomEvent('fs-typed', { detail: entries }));
  }

  private submit(event: Event): void {
    event.preventDefault();
    if (this.saving) return;
    const result = answered(this.form, this.record, this.entries);
    const { errors, others } = examine(this.form, result, this.entries);
    if (errors.size > 0 || others.length > 0) {
      this.refuse(errors, others);
      return;
    }
    this.errors = new Map();
    this.others = [];
    this.dispatchEvent(new CustomEvent('fs-filled', { detail: result.record }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-form': FsForm;
  }
  interface HTMLElementEventMap {
    'fs-typed': CustomEvent<Entries>;
    'fs-filled': CustomEvent<Record<string, unknown>>;
  }
}
