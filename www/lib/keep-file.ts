/**
 * A file is kept for its upload: read, hashed, sealed and written piece by piece, never whole in memory. It is here whole or not at
 * all, until its record is on the server.
 */
import { msg } from '@lit/localize';
import { sha256 } from '@noble/hashes/sha2.js';
import { toBase64 } from './base64';
import { asCallError } from './call-error';
import type { Fieldsync } from './client';
import { about, type FileRow, fileRow, gcm, keyOf, PIECE, type Piece, run } from './files';
import type { CallError, Draft, Item, ItemId } from './generated';
import { theKeyring } from './keyring';
import { makerOf, newId } from './once';
import { inDrafts } from './photos';
import { keepReserve } from './reserve';

/**
 * A file without a record, and one that was never whole, is kept so long from when it is first seen to be so: another window may be
 * at work on it, and what was discarded may be had back. Milliseconds.
 */
const ALONE = 60 * 60 * 1_000;

/** As the engine says it. */
const NO_ROOM: CallError = {
  code: 'storage_full',
  retryable: true,
  message: msg('There is no room left on this device for this file.'),
};

/** The same, where what was written is not there any more. */
const SWEPT: CallError = {
  code: 'storage',
  retryable: true,
  message: "This device's storage did not answer. Please try again.",
};

/** Saves a file with what is said of it: it is uploaded, and then its record. */
export async function attach(
  client: Fieldsync,
  file: Blob,
  { entityId: id = newId(), dependsOn, ...of }: Attached = {},
  told?: (bytes: number) => void,
): Promise<Item> {
  const hash = await keepFile(id, file, told);
  const data = { mime: mimeOf(file), sha256: hash, size: file.size, ...of };
  const draft: Draft = { type: 'MEDIA', entityId: id, data, ...(dependsOn ? { dependsOn } : {}) };
  const item = await client.enqueue(draft).catch(async error => {
    await dropFile(id);
    throw error;
  });
  await change(id, { item: item.id }, 'relaxed');
  return item;
}

/** What a file says that it is, if that can be. */
export const mimeOf = ({ type }: Blob): string =>
  /^[!-~]+\/[!-~]+$/.test(type) ? type : 'application/octet-stream';

/** What is said of a file. */
export interface Attached {
  /** The id that its record is to have; a new one unless said otherwise. */
  entityId?: ItemId;
  /** The record that it belongs to. */
  of?: ItemId;
  caption?: string;
  /** The item that goes first. */
  dependsOn?: ItemId;
}

/**
 * While files are being kept none is sealed that was kept before: a vault that is set up meanwhile waits for them, and seals them
 * whole. Whoever comes to keep one while that goes on has it sealed from its first byte.
 */
const LOCK = 'fieldsync-files';

/** Keeps a file under an id, and answers its SHA-256. `told` hears how many bytes of it are kept. */
export const keepFile = (id: ItemId, file: Blob, told?: (bytes: number) => void): Promise<string> =>
  navigator.locks.request(LOCK, { mode: 'shared' }, () => keep(id, file, told)) as Promise<string>;

async function keep(id: ItemId, file: Blob, told?: (bytes: number) => void): Promise<string> {
  if (!(await keepReserve())) throw NO_ROOM;
  const hash = sha256.create();
  try {
    const row: FileRow = { size: file.size, whole: false, ...(await sealedKey(id)) };
    await run('files', files => files.put(row, id), 'relaxed');
    const key = await secretOf(id, row);
    for (let n = 0; n * PIECE < file.size; n++) {
      const bytes = await file.slice(n * PIECE, (n + 1) * PIECE).arrayBuffer();
      hash.update(new Uint8Array(bytes));
      await putPiece(id, n, bytes, key);
      told?.(Math.min(file.size, (n + 1) * PIECE));
    }
    // With this all of it is on the disk, unless another window has given it up.
    if (!(await change(id, { whole: true, alone: undefined }, 'strict'))) throw SWEPT;
  } catch (error) {
    await dropFile(id).catch(() => {}); // what is left of it is swept
    const isFull = (error as DOMException | null)?.name === 'QuotaExceededError';
    throw isFull ? NO_ROOM : asCallError(error);
  } finally {
    fresh.delete(id);
  }
  return [...hash.digest()].map(byte => byte.toString(16).padStart(2, '0')).join('');
}

/** The keys of files that are being kept: while the vault is locked what was sealed cannot be opened again. */
const fresh = new Map<ItemId, CryptoKey>();

const secretOf = async (id: ItemId, row: FileRow) => fresh.get(id) ?? (await keyOf(id, row));

async function sealedKey(id: ItemId): Promise<{ key?: string }> {
  const keyring = await theKeyring();
  if (keyring.state() === 'absent') return {};
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['encrypt', 'decrypt']);
  const raw = await crypto.subtle.exportKey('raw', key);
  const [sealed] = await keyring.seal([about(id)], [toBase64(raw)]);
  fresh.set(id, key);
  return sealed === undefined ? {} : { key: sealed };
}

async function putPiece(id: ItemId, n: number, bytes: ArrayBuffer, key?: CryptoKey): Promise<void> {
  const piece: Piece = key
    ? { bytes: await crypto.subtle.encrypt(gcm(n), key, bytes), sealed: true }
    : { bytes, sealed: false };
  await run('pieces', pieces => pieces.put(piece, [id, n]), 'relaxed');
}

/** Changes what is known of a file, in one transaction: what others have changed stays. Answers what was known, if it is here. */
const change = (
  id: ItemId,
  more: Partial<FileRow>,
  durability: IDBTransactionDurability,
): Promise<FileRow | undefined> =>
  run(
    'files',
    files => {
      const found: IDBRequest<FileRow | undefined> = files.get(id);
      found.onsuccess = () => found.result && files.put({ ...found.result, ...more }, id);
      return found;
    },
    durability,
  );

/** Removes a file, with all of its pieces. */
export async function dropFile(id: ItemId): Promise<void> {
  await run('pieces', pieces => pieces.delete(IDBKeyRange.bound([id], [id, []])), 'relaxed');
  await run('files', files => files.delete(id), 'relaxed');
}

const ids = async (): Promise<ItemId[]> => (await run('files', files => files.getAllKeys())) as ItemId[];

/** An item, if it is on this device. */
const find = (client: Fieldsync, id: ItemId): Promise<Item | undefined> =>
  client.get(id).catch(error => {
    if (asCallError(error).code !== 'not_found') throw error;
    return undefined;
  });

/** Removes what is on the server, and what no record and no form has named for a while. */
export async function sweepFiles(client: Fieldsync): Promise<void> {
  const now = Date.now();
  // What a form holds cannot be told while it is locked.
  if ((await theKeyring()).state() === 'locked') return;
  const needed = await inDrafts();
  for (const id of await ids()) {
    if (needed.has(id)) continue;
    const row = await fileRow(id);
    // One that was dropped may have come back as another. What cannot be told now is left to the next look.
    const item = (row?.item && (await find(client, row.item))) || (await makerOf(client, id));
    const since = row?.alone;
    if (item?.state === 'done' || (!item && since !== undefined && now - since >= ALONE)) await dropFile(id);
    else if (!item && since === undefined) await change(id, { alone: now }, 'relaxed');
    else if (item && since !== undefined) await change(id, { alone: undefined }, 'relaxed');
  }
}

/** Seals what was kept before there was a vault, and the keys of what was sealed under an older rotation. */
export const sealFiles = (): Promise<void> => navigator.locks.request(LOCK, sealAll) as Promise<void>;

async function sealAll(): Promise<void> {
  const keyring = await theKeyring();
  for (const id of await ids()) {
    const row = await fileRow(id);
    if (!row) continue;
    if (row.key === undefined) {
      row.key = (await sealedKey(id)).key ?? '';
      await change(id, { key: row.key }, 'strict');
    } else if (!keyring.isFresh(row.key, false)) {
      const [text] = await keyring.open([about(id)], [row.key]);
      const [sealed] = text === undefined ? [] : await keyring.seal([about(id)], [text]);
      if (sealed !== undefined) await change(id, { key: sealed }, 'strict');
    }
    const key = await secretOf(id, row);
    for (let n = 0; key && n * PIECE < row.size; n++) {
      const piece: Piece | undefined = await run('pieces', pieces => pieces.get([id, n]));
      if (piece && !piece.sealed) await putPiece(id, n, piece.bytes, key);
    }
    fresh.delete(id);
  }
}
