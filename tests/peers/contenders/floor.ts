/**
 * The floor: raw IndexedDB by `idb`, an item a transaction, and one request that carries all of them as they are. Nothing is
 * kept safe: it has no receipts, and if the answer is lost everything is sent again.
 */
import { type IDBPDatabase, openDB } from 'idb';
import { type Durability, enterEach, type Item, offer, send, timed } from '../contender.ts';

let database: IDBPDatabase;
let items: Item[];
let durability: Durability;

offer({
  async install(all, wanted) {
    [items, durability] = [all, wanted];
    database = await openDB('floor', 1, {
      upgrade: database => void database.createObjectStore('queue', { keyPath: 'id' }),
    });
  },

  enqueue: () =>
    enterEach(items, async item => {
      const transaction = database.transaction('queue', 'readwrite', { durability });
      void transaction.store.put(item);
      await transaction.done;
    }),

  drain: () =>
    timed(async () => {
      await send((await database.getAll('queue')) as Item[]);
      await database.clear('queue');
    }),
});
