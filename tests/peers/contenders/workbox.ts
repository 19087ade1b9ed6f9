/**
 * Workbox 7 background-sync: its Queue, which keeps requests and sends them again one after another when the browser's sync
 * event comes. Nothing else asks it to: with a replay by hand beside the event it sends items twice. Requests go straight into
 * the queue, without a try that fails first. It has no durability to choose.
 */
import { Queue } from 'workbox-background-sync';
import { type Drained, enterEach, type Item, offer } from '../contender.ts';

/** Registered at once: a handler that comes after the worker's first evaluation hears of no event. */
const queue = new Queue('items', { onSync: () => replay() });
let items: Item[];
/** When the link was there again. */
let online = Number.NaN;
const over = Promise.withResolvers<Drained>();

/** In several events where one does not suffice: what failed stands in the queue again. */
async function replay(): Promise<void> {
  // Events that come before the bench lets it send find no network.
  if (Number.isNaN(online)) throw new Error('no network');
  const began = performance.now();
  await queue.replayRequests();
  over.resolve({ took: performance.now() - began, apart: began - online, why: 'until the sync event' });
}

offer({
  async install(all) {
    items = all;
  },

  enqueue: () =>
    enterEach(items, item => {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify(item);
      return queue.pushRequest({ request: new Request('/items', { method: 'POST', headers, body }) });
    }),

  drain() {
    online = performance.now();
    return over.promise;
  },
});
