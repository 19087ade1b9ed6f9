import { msg } from '@lit/localize';
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { repeat } from 'lit/directives/repeat.js';
import { accuracyOf } from '../lib/answers';
import type { Entries } from '../lib/draft';
import { plural } from '../lib/format';
import { isSection, type Option, type Part, type Question, type Section } from '../lib/schema';
import { visible } from '../lib/text';
import { icons } from './icons';
import './fs-position';

/** What cannot be saved cannot be pasted either, where a form sets no limit of its own. */
const MOST = 10_000;
/** With more to choose from, a list that opens is quicker. */
const SIDE_BY_SIDE = 8;
/** From this share of its limit on, a text says how much is left. */
const NEARLY = 0.8;

/** What the questions of a form show, and who hears the answers. */
export interface Answers {
  entries: Entries;
  errors: ReadonlyMap<string, string>;
  /** Takes answers by their paths; `undefined` takes one back. */
  type: (answers: Record<string, Entries[string] | undefined>) => void;
}

/** The id of a question's field: a path with what an id may not have written out. */
export const idOf = (path: string): string =>
  `q-${path.replace(/[^A-Za-z0-9_-]/g, sign => `.${sign.charCodeAt(0).toString(16)}`)}`;

/** Questions and sections; each keeps its place on the screen while others come and go. */
export const parts = (all: Part[], answers: Answers): unknown =>
  repeat(
    all,
    ({ path }) => path,
    part => (isSection(part) ? section(part, answers) : question(part, answers)),
  );

function section({ path, title, hint, parts: inside }: Section, answers: Answers): TemplateResult {
  const id = idOf(path);
  return html`<section class="section" aria-labelledby=${id}>
    <h2 id=${id}><bdi>${visible(title)}</bdi></h2>
    ${hint ? html`<p class="hint"><bdi>${visible(hint)}</bdi></p>` : nothing} ${parts(inside, answers)}
  </section>`;
}

function question(asked: Question, answers: Answers): TemplateResult {
  switch (asked.kind) {
    case 'position':
      return position(asked, answers);
    case 'yes':
      return choice(asked, answers, YES_NO);
    case 'one':
      return asked.options.length > SIDE_BY_SIDE
        ? pick(asked, answers)
        : choice(asked, answers, asked.options);
    case 'many':
      return several(asked, answers);
    default:
      return typed(asked, answers);
  }
}

const YES_NO: Option[] = [
  { value: 'true', title: msg('Yes') },
  { value: 'false', title: msg('No') },
];

const wordOf = (entries: Entries, path: string): string => {
  const entry = entries[path];
  return typeof entry === 'string' ? entry : '';
};

/** A line to type into, or several; a number with its unit, a date. */
function typed(asked: Question, { entries, errors, type }: Answers): TemplateResult {
  const { path, kind, schema, unit, needed } = asked;
  const id = idOf(path);
  const error = errors.get(path);
  const most = typeof schema.maxLength === 'number' ? schema.maxLength : MOST;
  const value = wordOf(entries, path);
  const input = (event: Event) => type({ [path]: (event.target as HTMLInputElement).value });
  const describedBy = `${id}-error ${id}-hint ${id}-unit`;
  return html`<div class="question ${error ? 'wrong' : ''}">
    <label for=${id}>${titleOf(asked)}</label>
    ${hintOf(asked)} ${errorOf(asked, error)}
    ${
      kind === 'long'
        ? html`<textarea id=${id} rows="3" maxlength=${most} dir="auto" ?required=${needed} aria-invalid=${!!error}
            aria-describedby=${describedBy} .value=${live(value)} @input=${input}></textarea>`
        : html`<div class="line ${kind}">
            <input id=${id} type=${kind === 'date' ? 'date' : 'text'} maxlength=${most} enterkeyhint="next"
              inputmode=${kind === 'number' ? (schema.type === 'integer' ? 'numeric' : 'decimal') : nothing}
              class=${kind === 'number' ? 'numbers' : ''} dir=${kind === 'text' ? 'auto' : kind === 'number' ? 'ltr' : nothing} autocomplete="off"
              ?required=${needed} aria-invalid=${!!error} aria-describedby=${describedBy}
              .value=${live(value)} @input=${input} />
            <span id="${id}-unit" class="unit"><bdi>${visible(unit, 40)}</bdi></span>
          </div>`
    }
    <p class="hint numbers" aria-live="polite">${
      value.length >= most * NEARLY && most < MOST
        ? plural(most - value.length, msg('# character left|# characters left'))
        : nothing
    }</p>
  </div>`;
}

/** One of a few, all of them in sight. Where no answer is needed, one can be taken back. */
function choice(asked: Question, answers: Answers, options: Option[]): TemplateResult {
  const { path, needed } = asked;
  const id = idOf(path);
  const chosen = wordOf(answers.entries, path);
  const all = withOwn(options, chosen);
  return group(
    asked,
    answers,
    html`${all.map(
      ({ value, title }, n) => html`<label class="option">
        <input type="radio" id=${n === 0 ? id : nothing} name=${id} value=${value} .checked=${live(chosen === value)}
          @change=${() => answers.type({ [path]: value })} />
        <bdi>${visible(title)}</bdi>
      </label>`,
    )}
    ${
      chosen && !needed
        ? html`<button type="button" class="bare small" @click=${() => answers.type({ [path]: undefined })}>
            ${msg('Take this answer back')}<span class="unseen">: <bdi>${visible(asked.title)}</bdi></span>
          </button>`
        : nothing
    }`,
  );
}

/** One of many. */
function pick(asked: Question, { entries, errors, type }: Answers): TemplateResult {
  const { path, options } = asked;
  const id = idOf(path);
  const chosen = wordOf(entries, path);
  const error = errors.get(path);
  const change = (event: Event) => type({ [path]: (event.target as HTMLSelectElement).value || undefined });
  return html`<div class="question ${error ? 'wrong' : ''}">
    <label for=${id}>${titleOf(asked)}</label>
    ${hintOf(asked)} ${errorOf(asked, error)}
    <select id=${id} aria-invalid=${!!error} aria-describedby="${id}-error ${id}-hint" @change=${change}>
      <option value="" ?selected=${chosen === ''}>${msg('Choose')}</option>
      ${withOwn(options, chosen).map(
        ({ value, title }) =>
          html`<option value=${value} dir="auto" ?selected=${chosen === value}>${visible(title)}</option>`,
      )}
    </select>
  </div>`;
}

/** Any number of these. */
function several(asked: Question, answers: Answers): TemplateResult {
  const { path, options } = asked;
  const id = idOf(path);
  const entry = answers.entries[path];
  const chosen = Array.isArray(entry) ? entry : [];
  const toggle = (value: string, on: boolean) => {
    const next = chosen.filter(one => one !== value);
    answers.type({ [path]: on ? [...next, value] : next });
  };
  return group(
    asked,
    answers,
    html`${chosen.reduce(withOwn, options).map(
      ({ value, title }, n) => html`<label class="option">
          <input type="checkbox" id=${n === 0 ? id : nothing} value=${value} .checked=${live(chosen.includes(value))}
            @change=${(event: Event) => toggle(value, (event.target as HTMLInputElement).checked)} />
          <bdi>${visible(title)}</bdi>
        </label>`,
    )}`,
  );
}

/** Where it is: looked up by the device, or typed. */
function position(asked: Question, { entries, errors, type }: Answers): TemplateResult {
  const { path } = asked;
  const at = (n: 0 | 1) => wordOf(entries, `${path}/${n}`);
  const error = errors.get(path);
  return html`<fs-position
    id=${idOf(path)}
    class="question ${error ? 'wrong' : ''}"
    .heading=${asked.title}
    .hint=${asked.hint}
    .needed=${asked.needed}
    .error=${error ?? ''}
    .latitude=${at(0)}
    .longitude=${at(1)}
    .accuracy=${wordOf(entries, accuracyOf(path))}
    @fs-position=${({ detail: { latitude, longitude, accuracy } }: HTMLElementEventMap['fs-position']) =>
      type({ [`${path}/0`]: latitude, [`${path}/1`]: longitude, [accuracyOf(path)]: accuracy })}
  ></fs-position>`;
}

/** Answers of one question that are fields of their own. */
function group(asked: Question, { errors }: Answers, inside: TemplateResult): TemplateResult {
  const id = idOf(asked.path);
  const error = errors.get(asked.path);
  return html`<fieldset class="question ${error ? 'wrong' : ''}" aria-describedby="${id}-error ${id}-hint">
    <legend>${titleOf(asked)}</legend>
    ${hintOf(asked)} ${errorOf(asked, error)}
    <div class="options">${inside}</div>
  </fieldset>`;
}

/** What was chosen once and the form no longer offers can still be seen. */
const withOwn = (options: Option[], chosen: string): Option[] =>
  chosen === '' || options.some(({ value }) => value === chosen)
    ? options
    : [...options, { value: chosen, title: chosen }];

const titleOf = ({ title, needed }: Question): TemplateResult =>
  html`<bdi>${visible(title)}</bdi>${needed ? nothing : html` <span class="optional">${msg('(optional)')}</span>`}`;

const hintOf = ({ path, hint }: Question): TemplateResult =>
  html`<p id="${idOf(path)}-hint" class="hint" ?hidden=${!hint}><bdi>${visible(hint)}</bdi></p>`;

const errorOf = ({ path }: Question, error: string | undefined): TemplateResult =>
  html`<p id="${idOf(path)}-error" class="error" ?hidden=${!error}>${error ? html`${icons.alert} <span>${error}</span>` : nothing}</p>`;
