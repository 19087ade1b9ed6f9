/**
 * What the app keeps for itself beside the engine's own store: drafts, photos, forms. What IndexedDB has taken outlives the
 * browser's being killed; what localStorage has taken is written some seconds later. On a device with a vault what a person
 * entered is sealed here too.
 */
import { fromBase64, toBase64 } from './base64';
import { theKeyring } from './keyring';
import { releaseReserve } from './reserve';

const NAME = 'fieldsync-app';
const VERSION = 2;
const STORES = ['drafts', 'forms', 'readings', 'photos'] as const;

let opening: Promise<IDBDatabase> | undefined;

function open(): Promise<IDBDatabase> {
  opening ??= new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      const { result } = request;
      for (const store of STORES)
        if (!result.objectStoreNames.contains(store)) result.createObjectStore(store);
    };
    request.onsuccess = () => {
      const { result } = request;
      // A later version in another tab may go ahead; the next look opens it anew.
      result.onversionchange = () => {
        result.close();
        opening = undefined;
      };
      result.onclose = () => {
        opening = undefined;
      };
      resolve(result);
    };
    request.onerror = () => reject(request.error);
  }).catch(error => {
    opening = undefined;
    throw error;
  });
  return opening;
}

/** As it is asked for; what finds no room takes that which is kept free for text (lib/reserve). */
async function run<T>(
  store: (typeof STORES)[number],
  mode: IDBTransactionMode,
  ask: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  try {
    return await once(store, mode, ask);
  } catch (error) {
    const full = (error as DOMException | null)?.name === 'QuotaExceededError';
    if (!full || store === 'photos' || store === 'forms') throw error;
    await releaseReserve();
    return once(store, mode, ask);
  }
}

async function once<T>(
  store: (typeof STORES)[number],
  mode: IDBTransactionMode,
  ask: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(store, mode);
    const request = ask(transaction.objectStore(store));
    if (mode === 'readwrite') {
      // At once, not once the answer has come: the page may be left before that.
      transaction.commit();
      transaction.oncomplete = () => resolve(request.result);
    } else {
      // Chromium takes a value from beside its database where it is large, and the transaction is over before that has come.
      request.onsuccess = () => resolve(request.result);
    }
    transaction.onabort = () => reject(transaction.error);
  });
}

/** As a value is stored on a device with a vault. */
interface Sealed {
  sealed: string;
  about: string;
}

const isSealed = (value: unknown): value is Sealed =>
  typeof value === 'object' && value !== null && 'sealed' in value && 'about' in value;

/** Forms are the organisation's, and known to whoever has the app. */
const OPEN: (typeof STORES)[number][] = ['forms'];

async function sealed(store: (typeof STORES)[number], key: string, value: unknown): Promise<unknown> {
  const keyring = await theKeyring();
  if (keyring.state() === 'absent' || OPEN.includes(store)) return value;
  const about = `${store} ${key}`;
  const [text] = await keyring.seal([about], [JSON.stringify(await withText(value))]);
  return { sealed: text, about };
}

/** What it was; nothing while the vault is locked. */
async function opened(value: unknown): Promise<unknown> {
  if (!isSealed(value)) return value;
  const [text] = await (await theKeyring()).open([value.about], [value.sealed]);
  return text === undefined ? undefined : withBlobs(JSON.parse(text));
}

/** Blobs as text, which JSON can hold. */
async function withText(value: unknown): Promise<unknown> {
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(async ([name, part]) => {
    if (!(part instanceof Blob)) return [name, part];
    return [name, { blob: toBase64(await part.arrayBuffer()), type: part.type }];
  });
  return Object.fromEntries(await Promise.all(entries));
}

function withBlobs(value: Record<string, unknown>): unknown {
  const entries = Object.entries(value).map(([name, part]) => {
    const { blob, type } = (part ?? {}) as { blob?: string; type?: string };
    return [name, typeof blob === 'string' ? new Blob([fromBase64(blob)], { type: type ?? '' }) : part];
  });
  return Object.fromEntries(entries);
}

/** What this page itself has sealed, and cannot read back, since the vault was last locked or opened. */
let mine: Promise<Set<string>> | undefined;

function ownRows(): Promise<Set<string>> {
  mine ??= theKeyring().then(keyring => {
    const rows = new Set<string>();
    keyring.onChange(() => rows.clear());
    return rows;
  });
  return mine;
}

/** The last write of each store that was asked for. */
const last = new Map<string, Promise<unknown>>();

/** Values by their keys. Writes of this page take effect in the order in which they are asked for. */
export const kept = (store: (typeof STORES)[number]) => {
  const get = async (key: string): Promise<unknown> =>
    opened(await run(store, 'readonly', all => all.get(key)));
  const put = async (key: string, value: unknown): Promise<boolean> => {
    const own = await ownRows();
    const name = `${store} ${key}`;
    const before = own.has(name) ? undefined : await run(store, 'readonly', all => all.get(key));
    // What is there and cannot be read is not written over: it may be all that there is of somebody's work.
    if (isSealed(before) && (await opened(before)) === undefined) return false;
    const row = await sealed(store, key, value);
    await run(store, 'readwrite', all => all.put(row, key));
    if (isSealed(row)) own.add(name);
    return true;
  };
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const before = last.get(store) ?? Promise.resolve();
    const done = before.then(work, work);
    last.set(store, done);
    return done;
  };
  return {
    get,
    all: async (): Promise<unknown[]> => {
      const values = await Promise.all((await run(store, 'readonly', all => all.getAll())).map(opened));
      return values.filter(value => value !== undefined);
    },
    /** Answers whether it is kept: what stands there and cannot be read stays. */
    put: (key: string, value: unknown): Promise<boolean> => inTurn(() => put(key, value)),
    /** Puts what is there as it would be put today. */
    renew: (key: string): Promise<void> =>
      inTurn(async () => {
        const value = await get(key);
        if (value !== undefined) await put(key, value);
      }),
    remove: (key: string): Promise<unknown> => inTurn(() => run(store, 'readwrite', all => all.delete(key))),
  };
};

/** Those that hold what a person entered. */
export const stores = STORES.filter(store => !OPEN.includes(store));
export const keysOf = async (store: (typeof STORES)[number]): Promise<string[]> =>
  (await run(store, 'readonly', all => all.getAllKeys())) as string[];
