import { msg, str } from '@lit/localize';
import { ACTIONS, KINDS, STATUSES, TYPES } from './describe';
import { nameOf, said } from './fields';
import type { Condition, Op } from './generated';

/** The ways to compare, in the words that stand between a field and a value. */
export const OPS: Record<Op, string> = {
  eq: msg('is'),
  ne: msg('is not'),
  gt: msg('is more than'),
  gte: msg('is at least'),
  lt: msg('is less than'),
  lte: msg('is at most'),
  in: msg('is one of'),
  contains: msg('contains'),
  exists: msg('is there'),
};

/** What a condition is mostly about; other fields are named by their place in the record. */
export const FIELDS: Record<string, string> = {
  type: msg('Type'),
  action: msg('What is done'),
  '/kind': msg('Kind'),
  '/population': msg('People'),
  '/site': msg('Site'),
  '/status': msg('Status'),
  '/value': msg('Value'),
  '/note': msg('Note'),
};

/** The values of a field that has only some. */
export const VALUES: Record<string, Record<string, string>> = {
  type: TYPES,
  action: ACTIONS,
  '/kind': KINDS,
  '/status': STATUSES,
};

/** A field as a person reads it: `/answers/water` → `Answers · Water`. */
export function fieldName(field: string): string {
  const path = field.split('/').slice(1);
  return FIELDS[field] ?? nameOf(path.map(name => name.replaceAll('~1', '/').replaceAll('~0', '~')));
}

/** `Type is Assessment`, `People is at least 1000`. */
export function conditionWords({ field, op, value }: Condition): string {
  if (op === 'exists')
    return value === false
      ? msg(str`${fieldName(field)} is not there`)
      : msg(str`${fieldName(field)} is there`);
  const one = (part: unknown) => VALUES[field]?.[String(part)] ?? said([], part);
  const words = Array.isArray(value) ? value.map(one).join(', ') : one(value);
  return `${fieldName(field)} ${OPS[op]} ${words}`;
}

/** A value as it stands in a text field. */
export const asText = (value: unknown): string =>
  Array.isArray(value) ? value.map(String).join(', ') : value === null ? '' : String(value ?? '');

/** What was typed, as the value that a way to compare takes. */
export function asValue(op: Op, text: string): unknown {
  if (op === 'exists') return text !== 'false';
  if (op === 'in')
    return text
      .split(',')
      .map(part => single(part))
      .filter(part => part !== '');
  return op === 'contains' ? text.trim() : single(text);
}

function single(text: string): string | number | boolean {
  const typed = text.trim();
  if (typed === 'true' || typed === 'false') return typed === 'true';
  return /^-?\d+([.]\d+)?$/.test(typed) ? Number(typed) : typed;
}
