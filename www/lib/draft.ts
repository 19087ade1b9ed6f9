import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { connect } from './client';
import { thisMonth } from './format';
import type { FormName } from './forms';
import type { ItemId } from './generated';
import { kept } from './kept';

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

/** What stands in a form's fields, as typed or chosen, by where each belongs in the record. */
export type Entries = Record<string, string | string[]>;

/** A form that was begun and is not saved yet. There may be several. */
export interface FormDraft {
  id: string;
  form: FormName;
  entries: Entries;
  changedAt: number;
  /** The address of who is signed in; another person on this device does not see it. */
  person?: string;
  /** The record that it changes or corrects, as it was when that began. What the form does not ask for stays. */
  base: Record<string, unknown>;
  /** The entity that it changes, at which version the server had it then. */
  entityId?: ItemId;
  baseVersion?: number;
  /** The queued item that it takes the place of. */
  replaces?: ItemId;
  /** The item that goes before it. */
  dependsOn?: ItemId;
}

const drafts = kept('drafts');

/** Whose drafts are made, and seen, on this device now. */
export async function whose(): Promise<Pick<FormDraft, 'person'>> {
  const { email } = await (await connect()).account();
  return email ? { person: email } : {};
}

/** Told on this page whenever a draft is kept or dropped. */
const CHANGED = 'fs-drafts';

/** Keeps a form's draft at every change. Rejects where this device has no room. */
export async function keepFormDraft(draft: FormDraft): Promise<void> {
  await drafts.put(draft.id, draft);
  dispatchEvent(new Event(CHANGED));
}

/** Drops one: it was saved, or the person does not want it. */
export async function dropFormDraft(id: string): Promise<void> {
  await drafts.remove(id);
  dispatchEvent(new Event(CHANGED));
}

/** One of them, if it is still there. */
export const formDraft = async (id: string): Promise<FormDraft | undefined> =>
  (await drafts.get(id)) as FormDraft | undefined;

/** What was begun and not saved, the latest first, for an element that shows it. */
export class Unfinished implements ReactiveController {
  all: FormDraft[] = [];
  readonly #look = () => void this.look();

  constructor(private readonly host: ReactiveControllerHost) {
    host.addController(this);
  }

  hostConnected(): void {
    addEventListener(CHANGED, this.#look);
    // Another tab may have gone on with one.
    document.addEventListener('visibilitychange', this.#look);
    this.#look();
  }

  hostDisconnected(): void {
    removeEventListener(CHANGED, this.#look);
    document.removeEventListener('visibilitychange', this.#look);
  }

  async look(): Promise<void> {
    try {
      const [all, { person }] = await Promise.all([drafts.all() as Promise<FormDraft[]>, whose()]);
      // What was begun before anybody had signed in is whoever's comes first.
      const own = all.filter(draft => draft.person === undefined || draft.person === person);
      this.all = own.sort((one, other) => other.changedAt - one.changedAt);
    } catch {
      // Without storage there is nothing unfinished either.
    }
    this.host.requestUpdate();
  }
}
