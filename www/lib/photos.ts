import { msg } from '@lit/localize';
import { toCommon } from './base64';
import { asCallError } from './call-error';
import type { Fieldsync } from './client';
import { asObject, describe } from './describe';
import type { CallError, Item, ItemId } from './generated';
import { kept } from './kept';
import { theKeyring } from './keyring';
import { makerOf } from './once';
import { keepReserve } from './reserve';
import { toast } from './toast';

/**
 * A photo, or another file, as this device keeps it: beside a draft until that is saved, then for some days beside its record.
 * Of a file only what it is: its bytes are kept in pieces (lib/keep-file).
 */
export interface Photo {
  id: ItemId;
  takenAt: number;
  picture?: Blob;
  file?: AttachedFile;
  /** The record that it belongs to, and the item that takes it to the server; once there are these. */
  of?: ItemId;
  item?: ItemId;
}

/** A file that is no photo. */
export interface AttachedFile {
  name: string;
  mime: string;
  size: number;
  sha256: string;
}

/** A picture of so many bytes goes in its entry, as text (base64) of at most 64 KiB; a larger one is uploaded. */
const INLINE = 48 * 1_024;
/** How many may go with one record. */
export const MOST_PHOTOS = 5;
/** For how long a photo is shown beside its record, and one that no draft has can be had back. Milliseconds. */
const SHOWN_FOR = 7 * 24 * 60 * 60 * 1_000;

/** As the engine says it. */
const NO_ROOM: CallError = {
  code: 'storage_full',
  retryable: true,
  message: msg('So little room is left on this device that it is kept for what you type.'),
};

const shelf = kept('photos');

/** Taken on this page while the vault was locked: what is kept of them cannot be read back, and no record has them yet. */
const taken = new Map<ItemId, Photo>();

const isLocked = async (): Promise<boolean> => (await theKeyring()).state() === 'locked';

export const photoOf = async (id: ItemId): Promise<Photo | undefined> =>
  ((await shelf.get(id)) as Photo | undefined) ?? taken.get(id);

export async function keepPhoto(photo: Photo): Promise<void> {
  await shelf.put(photo.id, photo);
  if (photo.of) taken.delete(photo.id);
  else if (await isLocked()) taken.set(photo.id, photo);
}

/** The photos of a record that this device still has, in the order in which they were taken. */
export async function photosOf(entityId: ItemId): Promise<Photo[]> {
  const all = (await shelf.all()) as Photo[];
  return all.filter(({ of }) => of === entityId).sort((one, other) => one.takenAt - other.takenAt);
}

let swept = false;

/** Drops what has been shown long enough, and what was taken for a form that nobody went on with; once a page. */
export async function sweepPhotos(): Promise<void> {
  if (swept) return;
  swept = true;
  const needed = await inDrafts();
  const long = Date.now() - SHOWN_FOR;
  for (const { id, takenAt } of (await shelf.all()) as Photo[])
    if (takenAt < long && !needed.has(id)) await shelf.remove(id);
}

/** The photos and files of forms that are not saved yet. */
export async function inDrafts(): Promise<Set<ItemId>> {
  const drafts = [...(await kept('drafts').all()), ...(await kept('readings').all())] as {
    photos?: ItemId[];
  }[];
  return new Set(drafts.flatMap(({ photos }) => photos ?? []));
}

/**
 * Sends photos after their record: each waits until that is on the server. Answers whether all of them are in the queue;
 * `look`: some may be there already.
 */
export async function addPhotos(
  client: Fieldsync,
  record: Item,
  ids: ItemId[],
  look = false,
): Promise<boolean> {
  let all = true;
  try {
    for (const id of ids) {
      const photo = await photoOf(id);
      // What a lock has closed meanwhile is for when it is open again.
      if (!photo && (await isLocked())) all = false;
      if (!photo || photo.of) continue;
      const there = look ? await makerOf(client, id) : undefined;
      if (!there && !(await keepReserve())) throw NO_ROOM;
      const item = there ?? (await entered(client, photo, record));
      await keepPhoto({ ...photo, of: record.entityId, item: item.id });
    }
    return all;
  } catch (error) {
    const { message } = asCallError(error);
    toast({ kind: 'trouble', message: `${msg('A photo could not be saved.')} ${message}` });
    return false;
  }
}

async function entered(client: Fieldsync, { id, picture, file }: Photo, record: Item): Promise<Item> {
  const { title: caption } = describe(record);
  const after = { entityId: id, dependsOn: record.id };
  const of = record.entityId;
  if (picture && picture.size > INLINE) return client.attach(picture, { ...after, of, caption });
  const data = picture && {
    mime: picture.type,
    bytes: toCommon(await picture.arrayBuffer()),
    caption,
  };
  return client.enqueue({ type: 'MEDIA', ...after, data: { ...(data ?? entryOf(file, caption)), of } });
}

/** What is said of a file: a picture is called by its record, anything else by its name. */
function entryOf(file: AttachedFile | undefined, title: string): object {
  const { name = '', ...what } = file ?? {};
  return { ...what, caption: file?.mime.startsWith('image/') ? title : name };
}

/** Drops the queued photos of a record that is about to be dropped; answers what they were. */
export async function dropPhotos(client: Fieldsync, { entityId, action }: Item): Promise<Item[]> {
  const gone: Item[] = [];
  if (action !== 'CREATE') return gone;
  for (const { item } of await photosOf(entityId)) {
    if (!item) continue;
    try {
      gone.push(await client.discard(item));
    } catch (error) {
      // It has been sent, which does not keep the record from being dropped; what is under way does.
      if (asCallError(error).code !== 'not_found') {
        await bringBack(client, gone);
        throw error;
      }
    }
  }
  return gone;
}

/** Puts dropped photos back; behind another record, where theirs has come back as that. */
export async function bringBack(client: Fieldsync, gone: Item[], record?: Item): Promise<void> {
  for (const { entityId, dependsOn, data } of gone) {
    const of = record?.entityId ?? (asObject(data)?.of as ItemId | undefined);
    const after = record?.id ?? dependsOn;
    const item = await client.enqueue({
      type: 'MEDIA',
      entityId,
      data: { ...asObject(data), of },
      ...(after ? { dependsOn: after } : {}),
    });
    const photo = await photoOf(entityId);
    if (photo) await keepPhoto({ ...photo, ...(of ? { of } : {}), item: item.id });
  }
}
