/**
 * TanStack Query's persisted mutations: paused while offline, kept as one text in IndexedDB (idb-keyval) by its persister, which
 * waits a second between two writes. What is entered in that second is not yet kept, and each write is of the whole queue; so
 * all are entered at once and kept by one write, and there is no time of each. Resumed, they go side by side, in no order.
 */
import { createAsyncStoragePersister } from '@tanstack/query-async-storage-persister';
import { onlineManager, QueryClient } from '@tanstack/query-core';
import { persistQueryClientSubscribe } from '@tanstack/query-persist-client-core';
import { createStore, del, get, set } from 'idb-keyval';
import { type Item, offer, send, timed } from '../contender.ts';

const client = new QueryClient();
let items: Item[];
const sent: Promise<unknown>[] = [];
let kept: (count: number) => void = () => {};

/** How many mutations stand in what was written. */
const count = (text: string): number =>
  (JSON.parse(text) as { clientState: { mutations: unknown[] } }).clientState.mutations.length;

offer({
  async install(all) {
    items = all;
    client.setMutationDefaults(['items'], { mutationFn: (item: Item) => send(item) });
    const store = createStore('tanstack', 'queue');
    const persister = createAsyncStoragePersister({
      storage: {
        getItem: key => get<string>(key, store),
        setItem: async (key, text: string) => {
          await set(key, text, store);
          kept(count(text));
        },
        removeItem: key => del(key, store),
      },
    });
    persistQueryClientSubscribe({ queryClient: client, persister });
    onlineManager.setOnline(false);
  },

  async enqueue() {
    const all = new Promise<void>(done => {
      kept = count => count === items.length && done();
    });
    const began = performance.now();
    for (const item of items) {
      const mutation = client
        .getMutationCache()
        .build(client, client.defaultMutationOptions({ mutationKey: ['items'] }));
      sent.push(mutation.execute(item));
    }
    await all;
    return { each: [], took: performance.now() - began };
  },

  drain: () =>
    timed(async () => {
      const none = new Promise<void>(done => {
        kept = count => count === 0 && done();
      });
      onlineManager.setOnline(true);
      await client.resumePausedMutations();
      await Promise.all(sent); // it resolves a moment before the last of them is noted as sent
      await none;
    }),
});
