import { thisMonth } from './format';
import type { ItemId } from './generated';

/** What stands in the form, as typed. */
export interface FormText {
  property: string;
  unit: string;
  meter: string;
  period: string;
  value: string;
  note: string;
  /** The queued item that saving takes the place of, while one is being corrected. */
  replaces?: ItemId | undefined;
}

const KEY = 'fieldsync.draft';

/** An empty form for the current month. */
export const emptyForm = (): FormText => ({
  property: '',
  unit: '',
  meter: '',
  period: thisMonth(),
  value: '',
  note: '',
});

/** Keeps what was typed over a reload, a crash or an update of the app. */
export function keepDraft(form: FormText): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...form, keptIn: thisMonth() }));
  } catch {
    // Without storage the form still works; it only does not survive a reload.
  }
}

/** What was kept. A month of an earlier day is not carried on unless a value was typed for it. */
export function keptDraft(): FormText {
  const form = emptyForm();
  let kept: Record<string, unknown> = {};
  try {
    kept = (JSON.parse(localStorage.getItem(KEY) ?? '{}') ?? {}) as Record<string, unknown>;
  } catch {
    return form;
  }
  for (const name of ['property', 'unit', 'meter', 'period', 'value', 'note'] as const) {
    const text = kept[name];
    if (typeof text === 'string') form[name] = text;
  }
  if (typeof kept.replaces === 'string') form.replaces = kept.replaces;
  if (form.value === '' && kept.keptIn !== thisMonth()) form.period = thisMonth();
  return form;
}

/** The form that a printed code's address fills in: `?property=&unit=&meter=`. What was typed for the same meter stays. */
export function prefilled(form: FormText, search: string): FormText {
  const query = new URLSearchParams(search);
  const asked = (name: string) => query.get(name)?.trim() ?? '';
  if (!asked('property') && !asked('unit')) return form;
  const [property, unit, meter] = [asked('property'), asked('unit'), asked('meter')];
  const there = [form.property, form.unit, form.meter].map(code => code.trim());
  const same = there[0] === property && there[1] === unit && there[2] === meter;
  return same ? form : { ...emptyForm(), property, unit, meter };
}

/** Whether there is something in it that a person would miss; codes alone are quickly had again. */
export const worthKeeping = (form: FormText): boolean =>
  Boolean(form.value.trim() || form.note.trim() || form.replaces);
