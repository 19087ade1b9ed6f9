/**
 * PouchDB 9 on IndexedDB, replicated to express-pouchdb in batches of 500, with its checkpoint on this side alone: that is two
 * requests a batch, revisions first. It has no durability to choose; the browser's default is relaxed.
 */
import PouchDB from 'pouchdb';
import { enterEach, type Item, offer, timed } from '../contender.ts';

const BATCH = 500;

let local: PouchDB.Database;
let remote: PouchDB.Database;
let items: Item[];

offer({
  async install(all) {
    items = all;
    local = new PouchDB('pouchdb');
    remote = new PouchDB(new URL('/db/items', location.origin).href);
    await Promise.all([local.info(), remote.info()]); // which makes it on the server
  },

  enqueue: () => enterEach(items, ({ id, ...item }) => local.put({ _id: id, ...item })),

  drain: () =>
    timed(async () => {
      const outcome = await local.replicate.to(remote, { batch_size: BATCH, checkpoint: 'source' });
      if (!outcome.ok) throw new Error(JSON.stringify(outcome.errors));
    }),
});
