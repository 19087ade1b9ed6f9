import { beginningOf, entriesOf } from './answers';
import { connect, type Fieldsync } from './client';
import { currentForm, isForm } from './default-forms';
import { asObject } from './describe';
import { dropFormDraft, type FormDraft, formDraft, keepFormDraft, whose } from './draft';
import type { FormName } from './forms';
import type { CallError, Draft, Item, ItemId, ItemType, ServerRecord } from './generated';
import { alone, makerOf, newId, savedAs } from './once';
import { addPhotos } from './photos';
import { errorWords } from './said-by-engine';
import { pagesOf } from './scan';
import type { Form } from './schema';
import { visible } from './text';

/** A form that is being filled in. */
export interface Filling {
  form: Form;
  draft: FormDraft;
  /** What was said of it before, by field: the server has refused it. */
  error?: NonNullable<Item['error']>;
  /** It is saved already: the browser ended before its draft was dropped. */
  saved?: Item;
}

/** What the address of the form's page asks for: a new form, one that was begun, a change, or a response. */
export async function filling(query: URLSearchParams): Promise<Filling | undefined> {
  const asked = (name: string) => query.get(name) ?? undefined;
  const [kind, draft, item, record, respond] = ['kind', 'draft', 'item', 'record', 'respond'].map(asked);
  if (draft) return resumed(await formDraft(draft));
  const client = await connect();
  if (item) return changing(client, await client.get(item));
  if (record) return changing(client, recordOf(record, query.get('type')));
  if (respond) return responding(await client.get(respond));
  return isForm(kind) && kind !== 'RESPONSE' ? begun(kind, { kind }) : undefined;
}

async function begun(name: FormName, base: Record<string, unknown>): Promise<Filling> {
  const form = await currentForm(name);
  return { form, draft: { ...(await empty(name, base)), entries: beginningOf(form) } };
}

/** A draft under the form as it is now: answers keep their places by their names. */
async function resumed(draft: FormDraft | undefined): Promise<Filling | undefined> {
  if (!draft) return undefined;
  const form = await currentForm(draft.form);
  const saved = draft.saving && (await finish(draft));
  return { form, draft: { becomes: newId(), ...draft }, ...(saved ? { saved } : {}) };
}

/** A response goes after the assessment that it answers. */
async function responding(item: Item): Promise<Filling | undefined> {
  const kind = asObject(item.data)?.kind;
  if (item.type !== 'ASSESSMENT' || !isForm(kind)) return undefined;
  const { form, draft } = await begun('RESPONSE', { assessmentId: item.entityId, kind });
  return { form, draft: { ...draft, dependsOn: item.id } };
}

/** What is known of a record that no item on this device is about. */
type About = Pick<Item, 'entityId' | 'type'> & Partial<Item>;

const recordOf = (entityId: ItemId, type: string | null): About => ({
  entityId,
  type: type === 'RESPONSE' ? type : 'ASSESSMENT',
});

/** A change of a record; where the server has refused an entry, a better one in its place. */
async function changing(client: Fieldsync, item: About): Promise<Filling | undefined> {
  const refused = item.state === 'setAside';
  const latest = refused ? await known(client, item) : await latestOf(client, item);
  const data = asObject(refused ? item.data : (latest?.data ?? item.data));
  // Of a change that was refused there may be no more than what it changes.
  const base = refused && item.action === 'UPDATE' ? { ...asObject(latest?.data), ...data } : data;
  const name = item.type === 'RESPONSE' ? 'RESPONSE' : base?.kind;
  if (!base || !isForm(name)) return undefined;
  const form = await currentForm(name);
  const draft = { ...(await empty(name, base)), entries: entriesOf(form, base) };
  if (refused) {
    // A correction of a change is a change, of the same entity.
    const { entityId } = item;
    const about = item.action === 'UPDATE' ? { entityId } : { instead: entityId };
    const filling = { form, draft: { ...draft, ...about, ...(item.id ? { replaces: item.id } : {}) } };
    return item.error ? { ...filling, error: item.error } : filling;
  }
  const at = latest ? latest.version : item.receipt?.version;
  const version = at === undefined ? {} : { baseVersion: at };
  return { form, draft: { ...draft, entityId: item.entityId, ...version } };
}

const empty = async (form: FormName, base: Record<string, unknown>): Promise<FormDraft> => ({
  ...(await whose()),
  id: crypto.randomUUID(),
  form,
  base,
  entries: {},
  changedAt: Date.now(),
  becomes: newId(),
});

/**
 * The record as it will be once everything of it that is queued is done; else as the server has it, with its version, so
 * that a change made against an older one is found out.
 */
async function latestOf(
  client: Fieldsync,
  item: About,
): Promise<{ data: unknown; version?: number } | undefined> {
  const { entityId } = item;
  for await (const items of pagesOf(client, { shelf: 'queue' })) {
    const last = items.find(item => item.entityId === entityId && item.action !== 'DELETE');
    if (last) return { data: last.data };
  }
  return known(client, item);
}

/** The record as the server was known to have it. */
async function known(client: Fieldsync, { entityId, type }: About): Promise<ServerRecord | undefined> {
  const before = justBefore(entityId);
  const { records } = await client.records({ type, limit: 1, ...(before ? { after: before } : {}) });
  return records.find(record => record.entityId === entityId);
}

/** The id before this one in the order of ids. */
function justBefore(id: ItemId): ItemId | undefined {
  const tail = Number.parseInt(id.slice(-12), 16);
  return tail > 0 ? id.slice(0, -12) + (tail - 1).toString(16).padStart(12, '0') : undefined;
}

export const typeOf = (form: FormName): ItemType => (form === 'RESPONSE' ? 'RESPONSE' : 'ASSESSMENT');

/**
 * Saves a record that a form made, with its photos, and drops the draft. Of a change the engine sends only what differs. The
 * browser may end at any moment: then `finish` finds out what was done.
 */
export function save(draft: FormDraft, data: Record<string, unknown>): Promise<Item> {
  const entry = entryOf(draft, data);
  return alone(draft.id, async () => {
    const client = await connect();
    // Another window may have saved this draft: what differs here is a change of that.
    const there = await savedElsewhere(client, draft);
    const next = there ? changeOf(there, entry) : entry;
    // Without room for a draft there may still be room for the record: the engine says.
    await keepFormDraft({ ...draft, saving: next }).catch(() => {});
    const item = await enqueue(client, next, draft.photos, there);
    if (await addPhotos(client, item, draft.photos ?? [])) await dropFormDraft(draft.id).catch(() => {});
    return item;
  });
}

async function savedElsewhere(
  client: Fieldsync,
  { id, becomes, instead }: FormDraft,
): Promise<Item | undefined> {
  const draft = await formDraft(id).catch(() => undefined);
  if (draft) return draft.saving && savedAs(client, draft.saving, instead);
  return becomes ? makerOf(client, becomes) : undefined;
}

function entryOf(draft: FormDraft, data: Record<string, unknown>): Draft {
  const { form, entityId, becomes, baseVersion, replaces, dependsOn } = draft;
  return {
    type: typeOf(form),
    data,
    ...(entityId ? { action: 'UPDATE', entityId } : becomes ? { entityId: becomes } : {}),
    ...(baseVersion === undefined ? {} : { baseVersion }),
    ...(replaces ? { replaces } : {}),
    ...(dependsOn ? { dependsOn } : {}),
  };
}

const changeOf = ({ entityId }: Item, { type, data }: Draft): Draft => ({
  type,
  action: 'UPDATE',
  entityId,
  data,
});

/** Where nothing is to be changed, the record that is there: photos may come to it. */
async function enqueue(client: Fieldsync, entry: Draft, photos: ItemId[] = [], there?: Item): Promise<Item> {
  try {
    return await client.enqueue(entry);
  } catch (error) {
    if ((error as CallError).code !== 'unchanged') throw error;
    const known =
      there ?? (photos.length > 0 && entry.entityId ? await makerOf(client, entry.entityId) : undefined);
    if (!known) throw error;
    return known;
  }
}

/** What came of a draft that was about to be saved when the browser ended; what was missing of it is done. */
export function finish({ id }: FormDraft): Promise<Item | undefined> {
  return alone(id, async () => {
    const draft = await formDraft(id);
    if (!draft?.saving) return undefined;
    const client = await connect();
    const item = await savedAs(client, draft.saving, draft.instead);
    if (item && (await addPhotos(client, item, draft.photos ?? [], true))) await dropFormDraft(id);
    return item;
  });
}

/** What the engine or the server said, by the form's questions, as it may be shown. */
export function saidOf({ fields, ...said }: Pick<CallError, 'message' | 'fields'> & { code?: string }): {
  errors: Map<string, string>;
  others: string[];
} {
  const errors = new Map(
    (fields ?? []).map(({ field, message }) => [field.replaceAll('.', '/'), visible(message)]),
  );
  return { errors, others: errors.size > 0 ? [] : [visible(errorWords(said))] };
}
