/**
 * What the app keeps for itself beside the engine's own store: drafts, forms. What IndexedDB has taken outlives the
 * browser's being killed; what localStorage has taken is written some seconds later.
 */

const NAME = 'fieldsync-app';
const STORES = ['drafts', 'forms'] as const;

let opening: Promise<IDBDatabase> | undefined;

function open(): Promise<IDBDatabase> {
  opening ??= new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      for (const store of STORES) request.result.createObjectStore(store);
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

async function run<T>(
  store: (typeof STORES)[number],
  mode: IDBTransactionMode,
  ask: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(store, mode);
    const request = ask(transaction.objectStore(store));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error);
  });
}

/** Values by their keys. Writes take effect in the order in which they are asked for. */
export const kept = (store: (typeof STORES)[number]) => ({
  get: (key: string): Promise<unknown> => run(store, 'readonly', all => all.get(key)),
  all: (): Promise<unknown[]> => run(store, 'readonly', all => all.getAll()),
  put: (key: string, value: unknown): Promise<unknown> => run(store, 'readwrite', all => all.put(value, key)),
  remove: (key: string): Promise<unknown> => run(store, 'readwrite', all => all.delete(key)),
});
