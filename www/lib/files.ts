/**
 * The bytes of files that are to be uploaded: in IndexedDB, piece by piece, on a device with a vault each piece sealed under a
 * key of its file's own, which is sealed as everything else is. The page keeps them (lib/keep-file); here page and worker send
 * them, a chunk at a time, as the engine decides.
 */
import { fromBase64, toCommon } from './base64';
import type { ItemId, Uploaded, UploadStep } from './generated';
import { theKeyring } from './keyring';

/** So much of a file is kept in one row. Bytes. */
export const PIECE = 1_024 * 1_024;

/** What is known of a file. */
export interface FileRow {
  size: number;
  /** All of it is here. */
  whole: boolean;
  /** The item that it goes with. */
  item?: ItemId;
  /** Since when no record is seen that it would go with. Milliseconds. */
  alone?: number | undefined;
  /** The key of its pieces, sealed; none where there is no vault. */
  key?: string;
}

/** Some bytes of a file. */
export interface Piece {
  bytes: ArrayBuffer;
  sealed: boolean;
}

export type Stores = 'files' | 'pieces';

let opening: Promise<IDBDatabase> | undefined;

function open(): Promise<IDBDatabase> {
  opening ??= new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open('fieldsync-files', 1);
    request.onupgradeneeded = () => {
      for (const store of ['files', 'pieces']) request.result.createObjectStore(store);
    };
    request.onsuccess = () => {
      const { result } = request;
      const forget = () => {
        result.close();
        opening = undefined;
      };
      result.onversionchange = forget;
      result.onclose = forget;
      resolve(result);
    };
    request.onerror = () => reject(request.error);
  }).catch(error => {
    opening = undefined;
    throw error;
  });
  return opening;
}

/** As it is asked for; what is written is on the disk before it is said to be, where that is wanted. */
export async function run<T>(
  store: Stores,
  ask: (store: IDBObjectStore) => IDBRequest<T>,
  write?: IDBTransactionDurability,
): Promise<T> {
  const database = await open();
  return new Promise((resolve, reject) => {
    const mode = write ? 'readwrite' : 'readonly';
    const transaction = database.transaction(store, mode, { durability: write ?? 'default' });
    const request = ask(transaction.objectStore(store));
    if (write) transaction.oncomplete = () => resolve(request.result);
    else request.onsuccess = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error ?? request.error);
  });
}

export const fileRow = (id: ItemId): Promise<FileRow | undefined> => run('files', files => files.get(id));

/** Under what a file's key is sealed. */
export const about = (id: ItemId): string => `file ${id}`;

/** The n-th piece is sealed once under its file's key. */
export const gcm = (n: number): AesGcmParams => {
  const iv = new Uint8Array(12);
  new DataView(iv.buffer).setUint32(8, n);
  return { name: 'AES-GCM', iv };
};

/** The key of a file's pieces; nothing while the vault is locked. */
export async function keyOf(id: ItemId, { key }: FileRow): Promise<CryptoKey | undefined> {
  const [text] = key ? await (await theKeyring()).open([about(id)], [key]) : [];
  return text === undefined
    ? undefined
    : crypto.subtle.importKey('raw', fromBase64(text), 'AES-GCM', true, ['encrypt', 'decrypt']);
}

/** A piece as it was; nothing where it cannot be read. */
export async function opened(n: number, piece: Piece, key?: CryptoKey): Promise<ArrayBuffer | undefined> {
  if (!piece.sealed) return piece.bytes;
  return key && crypto.subtle.decrypt(gcm(n), key, piece.bytes);
}

/** A part of a file: `gone` where it is not all here, nothing where it cannot be read now. */
async function part(
  id: ItemId,
  row: FileRow,
  from: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer> | 'gone' | undefined> {
  const key = await keyOf(id, row);
  const bytes = new Uint8Array(length);
  for (let n = Math.floor(from / PIECE); n * PIECE < from + length; n++) {
    const piece: Piece | undefined = await run('pieces', pieces => pieces.get([id, n]));
    if (!piece) return 'gone';
    const plain = await opened(n, piece, key);
    if (!plain) return undefined;
    const begins = n * PIECE;
    const wanted = new Uint8Array(plain).subarray(Math.max(0, from - begins), from + length - begins);
    bytes.set(wanted, Math.max(0, begins - from));
  }
  return bytes;
}

/** All of a file, where it is no larger than this and can be read now. */
export async function wholeFile(id: ItemId, most: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const row = await fileRow(id);
  if (!row?.whole || row.size > most) return undefined;
  const bytes = await part(id, row, 0, row.size);
  return bytes === 'gone' ? undefined : bytes;
}

/** What the engine asks of whoever keeps files; see `Files` there. */
export const files = { step };

async function step(
  { kind, file, sha256, size, url, from, length }: UploadStep,
  server: string,
  bearer: string | undefined,
  signal: AbortSignal,
): Promise<Uploaded> {
  const row = await fileRow(file);
  if (!row?.whole || row.size !== size) return { gone: true };
  const headers: Record<string, string> = { 'tus-resumable': '1.0.0' };
  if (bearer) headers.authorization = `Bearer ${bearer}`;
  let body: Uint8Array<ArrayBuffer> | null = null;
  if (kind === 'create') {
    headers['upload-length'] = `${size}`;
    headers['upload-metadata'] = `sha256 ${btoa(sha256)}`;
  } else if (kind === 'chunk') {
    const bytes = await part(file, row, from, length);
    if (bytes === 'gone') return { gone: true };
    if (!bytes) return {};
    const hash = toCommon(await crypto.subtle.digest('SHA-256', bytes));
    headers['content-type'] = 'application/offset+octet-stream';
    headers['upload-offset'] = `${from}`;
    headers['upload-checksum'] = `sha256 ${hash}`;
    body = bytes;
  }
  const answer = await fetch(`${server}${url ?? '/api/v1/uploads'}`, {
    method: { create: 'POST', offset: 'HEAD', chunk: 'PATCH' }[kind],
    headers,
    body,
    signal,
    cache: 'no-store',
    credentials: 'omit',
    redirect: 'error',
  });
  return told(answer);
}

async function told(answer: Response): Promise<Uploaded> {
  const { headers, status, url } = answer;
  const place = headers.get('location');
  const [offset, retryAfter] = [headers.get('upload-offset'), Number(headers.get('retry-after'))];
  const uploaded: Uploaded = { status, body: await answer.text() };
  if (place) {
    const { origin, pathname } = new URL(place, url);
    // The token goes to nobody else.
    if (origin === new URL(url).origin) uploaded.url = pathname;
  }
  if (offset && /^\d{1,15}$/.test(offset)) uploaded.offset = Number(offset);
  if (retryAfter > 0) uploaded.retryAfter = Math.round(retryAfter * 1_000);
  return uploaded;
}
