import { connect } from './client';
import { whose } from './draft';
import { thisMonth } from './format';
import type { Draft, Item, ItemId } from './generated';
import { kept } from './kept';
import { alone, newId, savedAs } from './once';
import { addPhotos } from './photos';

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
  /** The entity of that one, which it keeps where others wait for it. */
  instead?: ItemId | undefined;
  /** The entity that it becomes, in this tab: by this it is known again once it is saved. */
  becomes?: ItemId | undefined;
  /** Its photos, by their ids. */
  photos?: ItemId[] | undefined;
}

/** As it is kept: in which month, and what it was about to be saved as. */
interface Kept extends FormText {
  keptIn: string;
  saving?: Draft;
  /** Not the form: the reading is saved, and photos of it are not. The key under which this is kept. */
  late?: ItemId;
  /** Typed while something that could not be read stood in the form's place: the key under which this is kept, and whose it is. */
  aside?: string;
  person?: string;
}

const shelf = kept('readings');
/** There is one form, whichever tab it is open in. */
const KEY = 'form';
/** Where what is typed on this page is kept while a sealed form has that place. */
const ASIDE = `aside ${newId()}`;
/** Where it was kept by versions that did not use IndexedDB. */
const OLD = 'fieldsync.draft';

/** An empty form for the current month. */
export const emptyForm = (): FormText => ({
  property: '',
  unit: '',
  meter: '',
  period: thisMonth(),
  value: '',
  note: '',
});

/** Ready for the next meter: it is in the same property and for the same month. */
export const nextForm = ({ property, period }: FormText): FormText => ({ ...emptyForm(), property, period });

/** Keeps what was typed over a reload, a crash or an update of the app. Rejects where this device has no room. */
export async function keepReading(form: FormText, saving?: Draft): Promise<void> {
  const value: Kept = { ...form, keptIn: thisMonth(), ...(saving ? { saving } : {}) };
  if (!(await shelf.put(KEY, value))) await shelf.put(ASIDE, { ...value, ...(await whose()), aside: ASIDE });
}

/**
 * What was kept. A month of an earlier day is not carried on unless a value was typed for it. What turns out to be saved
 * already makes room for the next meter.
 */
export async function keptReading(): Promise<FormText> {
  void addLate().catch(() => {}); // once more another time
  const form = await resumed((await shelf.get(KEY)) ?? (await takenOver()));
  if (worthKeeping(form)) return form;
  const others = ((await shelf.all()) as Kept[]).filter(({ aside }) => aside !== undefined);
  const own = others.length > 0 ? await whose() : {};
  const kept = others.find(({ person }) => person === own.person);
  if (!kept?.aside) return form;
  const { aside, ...value } = kept;
  if (await shelf.put(KEY, value)) await shelf.remove(aside);
  return resumed(value);
}

async function resumed(value: unknown): Promise<FormText> {
  const form = asForm(value);
  const { saving } = (value ?? {}) as Partial<Kept>;
  return saving && (await finished(form, saving)) ? nextForm(form) : form;
}

/** Saves a reading with its photos. The browser may end at any moment: then `keptReading` finds out what was done. */
export function saveReading(form: FormText, entry: Draft): Promise<Item> {
  return alone('reading', async () => {
    const client = await connect();
    // Without room for a draft there may still be room for the reading: the engine says.
    await keepReading(form, entry).catch(() => {});
    const item = await client.enqueue(entry);
    // The form makes room for the next meter; what could not be added is for another time.
    if (!(await addPhotos(client, item, form.photos ?? [])))
      await shelf.put(item.entityId, { ...form, late: item.entityId, saving: entry }).catch(() => {});
    return item;
  });
}

/** Adds the photos that could not be added when their reading was saved. */
async function addLate(): Promise<void> {
  for (const value of (await shelf.all()) as Kept[]) {
    const { late, saving } = value;
    if (late && saving && (await finished(asForm(value), saving))) await shelf.remove(late);
  }
}

/** Whether a reading was saved before the browser ended; what was missing of it is done. */
function finished({ instead, photos = [] }: FormText, saving: Draft): Promise<boolean> {
  return alone('reading', async () => {
    const client = await connect();
    const item = await savedAs(client, saving, instead);
    return item !== undefined && (await addPhotos(client, item, photos, true));
  });
}

/** What an older version has kept, once. */
async function takenOver(): Promise<unknown> {
  const text = localStorage.getItem(OLD);
  if (text === null) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
    await shelf.put(KEY, value);
  } catch (error) {
    if (!(error instanceof SyntaxError)) return value; // to be taken over another time
  }
  localStorage.removeItem(OLD);
  return value;
}

function asForm(value: unknown): FormText {
  const form = emptyForm();
  const found = (value ?? {}) as Record<string, unknown>;
  for (const name of ['property', 'unit', 'meter', 'period', 'value', 'note'] as const) {
    const text = found[name];
    if (typeof text === 'string') form[name] = text;
  }
  // Not what it becomes: another tab may have the same form, and each saves a reading of its own.
  for (const name of ['replaces', 'instead'] as const) {
    const id = found[name];
    if (typeof id === 'string') form[name] = id;
  }
  if (Array.isArray(found.photos)) form.photos = found.photos.filter(id => typeof id === 'string');
  if (form.value === '' && found.keptIn !== thisMonth()) form.period = thisMonth();
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
  Boolean(form.value.trim() || form.note.trim() || form.replaces || form.photos?.length);
