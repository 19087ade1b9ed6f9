import { msg, str } from '@lit/localize';
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import type { Field } from '../lib/entry';
import { month, number } from '../lib/format';
import type { FormText } from '../lib/reading-draft';
import { visible } from '../lib/text';
import { icons } from './icons';

/** The engine's limits, so that what cannot be saved cannot be pasted either; it has the last word. */
const MOST_CODE = 64;
const MOST_NOTE = 2_000;

type Errors = ReadonlyMap<Field, string>;

/** What the fields of a form show, and who hears what is typed. */
export interface Fields {
  form: FormText;
  errors: Errors;
  input: (event: Event) => void;
}

/** A code, with suggestions where there are some. `roomy` keeps the hint's place free, so that nothing jumps when it comes. */
export function textField(
  { form, errors, input }: Fields,
  name: 'property' | 'unit' | 'meter',
  label: string,
  { list, hint, roomy }: { list: { code: string; name: string }[]; hint: string; roomy: boolean },
): TemplateResult {
  return html`<div class="field ${name === 'property' ? 'wide' : ''} ${errors.has(name) ? 'wrong' : ''}">
    <label for=${name}>${label}</label>
    ${error(errors, name)}
    <input
      id=${name}
      name=${name}
      list="${name}-list"
      enterkeyhint="next"
      autocapitalize="off"
      autocorrect="off"
      spellcheck="false"
      maxlength=${MOST_CODE}
      dir="auto"
      ?required=${name !== 'meter'}
      aria-invalid=${errors.has(name)}
      aria-describedby="${name}-error ${name}-hint"
      .value=${live(form[name])}
      @input=${input}
    />
    <p id="${name}-hint" class="hint ${roomy ? '' : 'loose'}"><bdi>${visible(hint, 80)}</bdi></p>
    <datalist id="${name}-list">
      ${list.map(one => html`<option value=${one.code} label=${one.name}></option>`)}
    </datalist>
  </div>`;
}

/** A month as text: the browsers' own month inputs differ too much, and some have none. */
export function monthField({ form, errors, input }: Fields, step: (by: number) => void): TemplateResult {
  return html`<div class="field wide ${errors.has('period') ? 'wrong' : ''}">
    <label for="period">${msg('Month')}</label>
    ${error(errors, 'period')}
    <div class="month">
      <button type="button" aria-label=${msg('Previous month')} @click=${() => step(-1)}>${icons.back}</button>
      <input
        id="period"
        name="period"
        class="numbers"
        inputmode="numeric"
        enterkeyhint="next"
        pattern="[0-9]{4}-[0-9]{2}"
        maxlength="20"
        required
        aria-invalid=${errors.has('period')}
        aria-describedby="period-error period-hint"
        .value=${live(form.period)}
        @input=${input}
      />
      <button type="button" aria-label=${msg('Next month')} @click=${() => step(1)}>${icons.on}</button>
    </div>
    <p id="period-hint" class="hint" aria-live="polite">${month(form.period.trim()) ?? msg('Such as 2026-11')}</p>
  </div>`;
}

/** What the meter shows, with its physical unit beside it where that is known. */
export function valueField(
  { form, errors, input }: Fields,
  physical: string,
  since: { words: string; odd: boolean } | undefined,
): TemplateResult {
  return html`<div class="field wide ${errors.has('value') ? 'wrong' : ''}">
    <label for="value">${msg('Value')}</label>
    ${error(errors, 'value')}
    <div class="value">
      <input
        id="value"
        name="value"
        class="numbers"
        inputmode="decimal"
        maxlength="64"
        enterkeyhint="done"
        required
        aria-invalid=${errors.has('value')}
        aria-describedby="value-error value-hint value-unit"
        .value=${live(form.value)}
        @input=${input}
      />
      <span id="value-unit">${visible(physical, 12)}</span>
    </div>
    <p id="value-hint" class="hint numbers ${since?.odd ? 'odd' : ''}">
      ${since?.odd ? icons.alert : nothing}<bdi>${since?.words ?? msg('With its decimals')}</bdi>
    </p>
  </div>`;
}

/** Anything worth saying. */
export function noteField({ form, errors, input }: Fields): TemplateResult {
  return html`<div class="field ${errors.has('note') ? 'wrong' : ''}">
    <label for="note">${msg('Note (optional)')}</label>
    ${error(errors, 'note')}
    <textarea
      id="note"
      name="note"
      rows="1"
      maxlength=${MOST_NOTE}
      dir="auto"
      aria-invalid=${errors.has('note')}
      aria-describedby="note-error note-hint"
      .value=${live(form.note)}
      @input=${input}
    ></textarea>
    <p id="note-hint" class="hint loose" aria-live="polite">${
      form.note.length < MOST_NOTE ? nothing : msg(str`A note ends at ${number(MOST_NOTE)} characters.`)
    }</p>
  </div>`;
}

function error(errors: Errors, field: Field): TemplateResult {
  const message = errors.get(field);
  return html`<p id="${field}-error" class="error" ?hidden=${!message}>${message ? html`${icons.alert} ${message}` : nothing}</p>`;
}
