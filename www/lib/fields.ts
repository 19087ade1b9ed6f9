import { msg } from '@lit/localize';
import { asObject, KINDS, STATUSES } from './describe';
import { bytes, exactly, month, number } from './format';
import { visible } from './text';

/** Where a value is in a record: the names that lead to it. */
export type Path = readonly string[];

export interface FieldOf {
  path: Path;
  value: unknown;
}

/** How deep a record is taken apart; what lies deeper is shown as it is. */
const DEEP = 4;

/** A record as a list of its fields. */
export function fieldsOf(record: unknown, path: Path = []): FieldOf[] {
  const inside = asObject(record);
  if (!inside || path.length >= DEEP) return path.length === 0 ? [] : [{ path, value: record }];
  return Object.entries(inside).flatMap(([name, value]) => fieldsOf(value, [...path, name]));
}

export const sameValue = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

/** The value at a path. */
export const valueAt = (record: unknown, path: Path): unknown =>
  path.reduce<unknown>((inside, name) => asObject(inside)?.[name], record);

/** The same record with another value at a path; without it where there is none. */
export function withValue(record: unknown, path: Path, value: unknown): Record<string, unknown> {
  const [name = '', ...rest] = path;
  const copy = { ...asObject(record) };
  const next = rest.length > 0 ? withValue(copy[name], rest, value) : value;
  if (next === undefined) delete copy[name];
  else copy[name] = next;
  return copy;
}

/** What the fields are called that the app knows; the names of others are made from those in the record. */
const NAMES: Record<string, string> = {
  property: msg('Property'),
  unit: msg('Unit'),
  meter: msg('Meter'),
  value: msg('Value'),
  note: msg('Note'),
  reader: msg('Reader'),
  kind: msg('Kind'),
  site: msg('Site'),
  population: msg('People'),
  answers: msg('Answers'),
  status: msg('Status'),
  plan: msg('Plan'),
  period: msg('Month'),
  readAt: msg('Read at'),
  gps: msg('Position'),
  assessmentId: msg('Answers assessment'),
  mime: msg('Media type'),
  of: msg('Belongs to'),
  bytes: msg('Size'),
  caption: msg('Photo of'),
};

/** `answers`, `waterSource` → `Answers · Water source`. */
export function nameOf(path: Path): string {
  return path
    .map(name => {
      const known = NAMES[name];
      if (known) return known;
      const words = visible(name, 60).replace(
        /([a-z])([A-Z])/g,
        (_, end, start) => `${end} ${start.toLowerCase()}`,
      );
      return words.charAt(0).toUpperCase() + words.slice(1);
    })
    .join(' · ');
}

/** A value as a person reads it. */
export function said(path: Path, value: unknown): string {
  const name = path.at(-1);
  if (value === undefined || value === null || value === '') return msg('Nothing');
  if (typeof value === 'boolean') return value ? msg('Yes') : msg('No');
  if (typeof value === 'number') return name === 'readAt' ? exactly(value) : number(value);
  if (typeof value === 'string') {
    if (name === 'bytes') return bytes(Math.floor((value.length * 3) / 4));
    if (name === 'period') return month(value) ?? visible(value, 40);
    if (name === 'kind') return KINDS[value as keyof typeof KINDS] ?? visible(value);
    if (name === 'status') return STATUSES[value as keyof typeof STATUSES] ?? visible(value);
    return visible(value, 2_000);
  }
  if (Array.isArray(value)) return value.map(one => said([], one)).join(', ');
  return visible(JSON.stringify(value), 2_000);
}
