/**
 * Dexie 4 as people hand-roll a queue with it: a table of what is to be sent, oldest first, one request an item, which is
 * deleted once the server has answered. No batches, for the code that people write has none; strict, which Dexie can.
 */
import { Dexie, type EntityTable } from 'dexie';
import { enterEach, type Item, offer, send, timed } from '../contender.ts';

interface Waiting extends Item {
  place?: number;
}

class Queue extends Dexie {
  waiting!: EntityTable<Waiting, 'place'>;
}

let database: Queue;
let items: Item[];

offer({
  async install(all, durability) {
    items = all;
    database = new Queue('dexie', { chromeTransactionDurability: durability });
    database.version(1).stores({ waiting: '++place' });
    await database.open();
  },

  enqueue: () => enterEach(items, item => database.waiting.add({ ...item })),

  drain: () =>
    timed(async () => {
      for (const { place, ...item } of await database.waiting.toArray()) {
        await send(item);
        if (place !== undefined) await database.waiting.delete(place);
      }
    }),
});
