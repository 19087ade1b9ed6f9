import { msg, str } from '@lit/localize';
import { asObject } from './describe';
import type { Entries } from './draft';
import { sameValue, valueAt } from './fields';
import { exact, inLatin, number, parseDecimal, plural } from './format';
import type { Form, Part, Question } from './schema';
import { questionsOf } from './schema';
import { visible } from './text';

/** A record, and what keeps it from being saved. */
export interface Answered {
  /** The record that the entries make. */
  record: Record<string, unknown>;
  /** What is asked, given these answers. */
  parts: Part[];
}

/** What is wrong, by question, in words as they may be shown; and what is about none that is shown. */
export interface Refused {
  errors: Map<string, string>;
  others: string[];
}

/** A condition can bring a question whose answer brings another. */
const ROUNDS = 6;

/** Degrees of latitude or longitude, with a point or a comma. */
const DEGREES = /^[+-]?\d{1,3}(?:[.,]\d*)?$/;

/** Where the accuracy stands that belongs to a position. */
export const accuracyOf = (path: string): string => `${path}Accuracy`;

/** The text in which the fields begin, from a record that is there. */
export function entriesOf(form: Form, record: Record<string, unknown>): Entries {
  const entries: Entries = {};
  for (const { path, kind } of questionsOf(form.parts(record))) {
    const value = valueAt(record, path.split('/'));
    if (value === undefined || value === null) continue;
    if (kind === 'position' && Array.isArray(value)) {
      value.slice(0, 2).forEach((degrees, n) => {
        entries[`${path}/${n}`] = String(degrees);
      });
      const accuracy = valueAt(record, accuracyOf(path).split('/'));
      if (typeof accuracy === 'number') entries[accuracyOf(path)] = String(accuracy);
    } else if (kind === 'many') entries[path] = Array.isArray(value) ? value.map(String) : [String(value)];
    else entries[path] = kind === 'number' && typeof value === 'number' ? exact(value) : String(value);
  }
  return entries;
}

/** What a form begins with. */
export function beginningOf(form: Form): Entries {
  const entries: Entries = {};
  for (const { path, schema } of questionsOf(form.parts({}))) {
    if (schema.default !== undefined) entries[path] = String(schema.default);
  }
  return entries;
}

/** The record of these entries: the one that they began from, with what is asked as it stands now. */
export function answered(form: Form, base: Record<string, unknown>, entries: Entries): Answered {
  let parts = form.parts(base);
  let record = base;
  for (let round = 0; round < ROUNDS; round++) {
    record = recordOf(form, questionsOf(parts), base, entries);
    const next = form.parts(record);
    const same = sameValue(
      questionsOf(next).map(({ path }) => path),
      questionsOf(parts).map(({ path }) => path),
    );
    parts = next;
    if (same) break;
  }
  return { record, parts };
}

function recordOf(
  form: Form,
  questions: Question[],
  base: Record<string, unknown>,
  entries: Entries,
): Record<string, unknown> {
  const asked = new Set(questions.map(({ path }) => path));
  // An answer goes when others have made its question needless; one that the form knows nothing of is not its to remove.
  const gone = Object.keys(entries).filter(path => !asked.has(path) && form.asks(path));
  let record = gone.reduce((before, path) => placed(before, path.split('/'), undefined), base);
  for (const question of questions) {
    const { path, kind } = question;
    record = placed(record, path.split('/'), answerOf(question, entries));
    const beside = accuracyOf(path);
    if (kind === 'position' && form.knows(beside)) {
      const found = entries[beside] && answerOf(question, entries);
      record = placed(record, beside.split('/'), found ? Number(entries[beside]) : undefined);
    }
  }
  return record;
}

/** An answer as it stands in the record; nothing where there is none, or none that can be read. */
function answerOf({ path, kind, schema, options }: Question, entries: Entries): unknown {
  const entry = entries[path];
  if (kind === 'position') {
    const degrees = [0, 1].map(n => degreesOf(entries[`${path}/${n}`]));
    return degrees.includes(undefined) ? undefined : degrees;
  }
  if (kind === 'many') {
    const chosen = Array.isArray(entry) ? entry : [];
    // In the form's order, so that the same choice is the same answer.
    const known = options.map(({ value }) => value).filter(value => chosen.includes(value));
    const all = [...known, ...chosen.filter(value => !known.includes(value))];
    return all.length > 0 ? all : undefined;
  }
  const typed = typeof entry === 'string' ? entry.trim() : '';
  if (typed === '') return undefined;
  if (kind === 'yes') return typed === 'true';
  if (kind === 'number' || (kind === 'one' && schema.type !== 'string' && schema.type !== undefined)) {
    const value = parseDecimal(typed);
    return typeof value === 'number' ? value : undefined;
  }
  return typed;
}

function degreesOf(entry: Entries[string] | undefined): number | undefined {
  const typed = typeof entry === 'string' ? inLatin(entry.trim()) : '';
  return DEGREES.test(typed) ? Number(typed.replace(',', '.')) : undefined;
}

/** The record with a value at a place, or without one. What is left empty by that was never there. */
function placed(
  record: Record<string, unknown>,
  [name = '', ...rest]: string[],
  value: unknown,
): Record<string, unknown> {
  const inside = asObject(record[name]);
  const next = rest.length === 0 ? value : placed(inside ?? {}, rest, value);
  const copy = { ...record };
  const empty = rest.length > 0 && Object.keys(next as object).length === 0;
  if (next === undefined || empty) delete copy[name];
  else copy[name] = next;
  return copy;
}

/** Looks the answers through: what cannot be read, what is missing, and what the form's rules say. */
export function examine(form: Form, { record, parts }: Answered, entries: Entries): Refused {
  const questions = questionsOf(parts);
  const errors = new Map<string, string>();
  const others: string[] = [];
  for (const question of questions) {
    const unread = unreadable(question, entries);
    if (unread) errors.set(question.path, unread);
    else if (question.needed && answerOf(question, entries) === undefined)
      errors.set(question.path, missing(question));
  }
  for (const { path, keyword, words } of form.faults(record)) {
    if (AROUND.has(keyword)) continue;
    const about = questions.find(question => path === question.path || path.startsWith(`${question.path}/`));
    if (about) {
      if (!errors.has(about.path)) errors.set(about.path, wrong(about, keyword));
    } else if (keyword !== 'required' && keyword !== 'dependentRequired') others.push(visible(words));
  }
  // Something is missing that nothing asks for: the form itself is at fault, and the person should know.
  const faults = errors.size + others.length;
  if (faults === 0) {
    for (const { words } of form.faults(record)) {
      const shown = visible(words);
      if (!others.includes(shown)) others.push(shown);
    }
  }
  return { errors, others };
}

/** What the library says of the places around a fault. */
const AROUND = new Set([
  'properties',
  'items',
  'prefixItems',
  'allOf',
  'if',
  'then',
  'else',
  '$ref',
  'dependentSchemas',
]);

function unreadable({ path, kind, schema, ...asked }: Question, entries: Entries): string | undefined {
  const title = nameOf(asked);
  if (kind === 'position') {
    const typed = [0, 1].map(n => String(entries[`${path}/${n}`] ?? '').trim());
    if (typed.every(one => one === '')) return undefined;
    if (typed.every(one => degreesOf(one) !== undefined)) return undefined;
    return msg(
      str`${title}: enter latitude and longitude in degrees, such as ${number(5.2621)} and ${number(13.3779)}.`,
    );
  }
  const entry = entries[path];
  if (kind !== 'number' || typeof entry !== 'string' || entry.trim() === '') return undefined;
  const value = parseDecimal(entry);
  if (typeof value !== 'number') return msg(str`${title}: enter a number in digits.`);
  return schema.type === 'integer' && !Number.isInteger(value)
    ? msg(str`${title}: enter a whole number.`)
    : undefined;
}

function missing({ kind, ...asked }: Question): string {
  const title = nameOf(asked);
  if (kind === 'many') return msg(str`${title}: choose one or more.`);
  if (kind === 'one' || kind === 'yes') return msg(str`${title}: choose an answer.`);
  return msg(str`${title}: enter an answer.`);
}

/** What a rule that does not hold means to whoever answers. */
function wrong({ kind, schema, ...asked }: Question, keyword: string): string {
  const title = nameOf(asked);
  const { minimum, maximum, minLength, maxLength, minItems, maxItems } = schema;
  if (kind === 'position')
    return msg(
      str`${title}: enter a latitude from ${number(-90)} to ${number(90)} and a longitude from ${number(-180)} to ${number(180)}.`,
    );
  switch (keyword) {
    case 'minimum':
    case 'maximum':
      if (minimum === undefined) return msg(str`${title}: enter ${limit(maximum)} or less.`);
      if (maximum === undefined) return msg(str`${title}: enter ${limit(minimum)} or more.`);
      return msg(str`${title}: enter a number from ${limit(minimum)} to ${limit(maximum)}.`);
    case 'exclusiveMinimum':
      return msg(str`${title}: enter more than ${limit(schema.exclusiveMinimum)}.`);
    case 'exclusiveMaximum':
      return msg(str`${title}: enter less than ${limit(schema.exclusiveMaximum)}.`);
    case 'multipleOf':
      return msg(str`${title}: enter a multiple of ${limit(schema.multipleOf)}.`);
    case 'minLength':
      return msg(str`${title}: use at least ${characters(minLength)}.`);
    case 'maxLength':
      return msg(str`${title}: use at most ${characters(maxLength)}.`);
    case 'minItems':
      return msg(str`${title}: choose at least ${limit(minItems)}.`);
    case 'maxItems':
      return msg(str`${title}: choose at most ${limit(maxItems)}.`);
    case 'format':
      return kind === 'date'
        ? msg(str`${title}: enter a date.`)
        : msg(str`${title}: enter it in the form that is asked for.`);
    case 'const':
    case 'enum':
    case 'oneOf':
    case 'anyOf':
      return msg(str`${title}: choose one of the answers.`);
    default:
      return msg(str`${title}: enter it as it is asked for.`);
  }
}

/** What a question is called in a sentence. */
const nameOf = ({ title }: Pick<Question, 'title'>): string => visible(title, 200);

const limit = (given: unknown): string => number(Number(given));

const characters = (given: unknown): string => plural(Number(given), msg('# character|# characters'));
