/** What the app keeps for itself beside the engine's store, looked at and interfered with from a page. */
import type { Page } from 'playwright-core';
import { until } from './until.ts';

/** What stands in a store of the app's own. */
export const appStore = (page: Page, store: 'drafts' | 'readings' | 'photos'): Promise<unknown[]> =>
  page.evaluate(
    store =>
      new Promise<unknown[]>((resolve, reject) => {
        const opening = indexedDB.open('fieldsync-app');
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const all = opening.result.transaction(store).objectStore(store).getAll();
          all.onerror = () => reject(all.error);
          all.onsuccess = () => {
            opening.result.close();
            resolve(all.result);
          };
        };
      }),
    store,
  );

/** Waits until a draft holds this. */
export const draftKept = (page: Page, store: 'drafts' | 'readings', text: string) =>
  until(
    `a draft holds ${text}`,
    () => appStore(page, store),
    all => JSON.stringify(all).includes(text),
  );

/**
 * From now on the page cannot do this to a store of its own, as if it ended before: `drop` a draft that was saved, or `look`
 * into the store.
 */
export const cutOff = (page: Page, store: 'drafts' | 'readings' | 'photos', deed: 'drop' | 'look') =>
  page.evaluate(
    ([store, deed]) => {
      for (const name of ['put', 'delete', 'get'] as const) {
        const did: unknown = IDBObjectStore.prototype[name];
        const value = new Proxy(did as (...values: unknown[]) => unknown, {
          apply(target, it: IDBObjectStore, values) {
            const { saving } = (values[0] ?? {}) as { saving?: unknown };
            const ends = name === 'put' ? deed === 'drop' && !saving : (name === 'get') === (deed === 'look');
            if (it.name === store && ends) throw new Error('the browser ends here');
            return Reflect.apply(target, it, values);
          },
        });
        Object.defineProperty(IDBObjectStore.prototype, name, { value });
      }
    },
    [store, deed] as const,
  );
