import { msg } from '@lit/localize';
import { month, parseDecimal } from './format';
import type { Draft, FieldError, ItemId, Reading } from './generated';
import type { FormText } from './reading-draft';

/** The form's fields in the order in which they stand. */
export const FIELDS = ['property', 'unit', 'meter', 'period', 'value', 'note'] as const;

/** A field of the form. */
export type Field = (typeof FIELDS)[number];

/** What each field is called on the screen. */
export const LABELS: Record<Field, string> = {
  property: msg('Property'),
  unit: msg('Unit'),
  meter: msg('Meter'),
  period: msg('Month'),
  value: msg('Value'),
  note: msg('Note'),
};

/** Whether a name that the engine gave is a field of the form. */
export const isField = (name: string): name is Field => (FIELDS as readonly string[]).includes(name);

/**
 * The draft that the form's text makes; or what keeps the text from making one. Whether a reading is acceptable is the
 * engine's to say: here only what cannot be handed to it at all is found.
 */
export function draftOf(form: FormText, now = Date.now()): Draft | FieldError[] {
  const missing: [Field, string][] = [
    ['property', msg('Enter the property’s code.')],
    ['unit', msg('Enter the unit’s code.')],
  ];
  const errors: FieldError[] = missing
    .filter(([field]) => !form[field].trim())
    .map(([field, message]) => ({ field, message }));
  const value = parseDecimal(form.value);
  if (typeof value !== 'number') errors.push({ field: 'value', message: value.problem });
  if (typeof value !== 'number' || errors.length > 0) {
    // Said along with the rest, so that a correction is not followed by the next complaint.
    if (!month(form.period.trim())) {
      errors.push({ field: 'period', message: msg('Enter a month as YYYY-MM, such as 2026-11.') });
    }
    return errors;
  }

  const data: Reading = { property: form.property, unit: form.unit, period: form.period, value, readAt: now };
  if (form.meter.trim()) data.meter = form.meter;
  if (form.note.trim()) data.note = form.note;
  const { replaces, becomes } = form;
  return {
    type: 'READING',
    data,
    ask: true,
    ...(becomes ? { entityId: becomes } : {}),
    ...(replaces ? { replaces } : {}),
  };
}

/** The same entry as a change of a record that the server has. */
export const changeOf = (entityId: ItemId, { type, data }: Draft): Draft => ({
  type,
  action: 'UPDATE',
  entityId,
  data,
});

/** The error of each field, the first one counting. */
export function byField(errors: FieldError[]): Map<Field, string> {
  const found = new Map<Field, string>();
  for (const { field, message } of errors) if (isField(field) && !found.has(field)) found.set(field, message);
  return found;
}
