/**
 * RxDB 17 on its Dexie storage, with its own replication protocol and 500 documents a push. The push handler sends a batch as
 * one request; the server refuses none, so it answers with no conflicts.
 */
import { createRxDatabase, type RxCollection, type RxJsonSchema } from 'rxdb';
import { replicateRxCollection } from 'rxdb/plugins/replication';
import { getRxStorageDexie } from 'rxdb/plugins/storage-dexie';
import { enterEach, type Item, offer, send, timed } from '../contender.ts';

const BATCH = 500;

const schema: RxJsonSchema<Item> = {
  version: 0,
  primaryKey: 'id',
  type: 'object',
  properties: {
    id: { type: 'string', maxLength: 40 },
    type: { type: 'string' },
    action: { type: 'string' },
    priority: { type: 'string' },
    createdAt: { type: 'number' },
    data: { type: 'object' },
  },
  required: ['id', 'type', 'action', 'data'],
};

let collection: RxCollection<Item>;
let items: Item[];

offer({
  async install(all, durability) {
    items = all;
    const storage = getRxStorageDexie({ chromeTransactionDurability: durability });
    // One tab and one writer: what it would take to share the database with other tabs is left out.
    const database = await createRxDatabase({ name: 'rxdb', storage, multiInstance: false });
    ({ items: collection } = await database.addCollections({ items: { schema } }));
  },

  enqueue: () => enterEach(items, item => collection.insert(item)),

  drain: () =>
    timed(async () => {
      const replication = replicateRxCollection<Item, unknown>({
        collection,
        replicationIdentifier: 'bench',
        live: false,
        waitForLeadership: false,
        push: {
          batchSize: BATCH,
          async handler(rows) {
            await send(rows.map(({ newDocumentState: { _deleted, ...item } }) => item as Item));
            return [];
          },
        },
      });
      const failed = new Promise<never>((_, reject) => {
        replication.error$.subscribe(reject);
      });
      await Promise.race([replication.awaitInitialReplication(), failed]);
    }),
});
