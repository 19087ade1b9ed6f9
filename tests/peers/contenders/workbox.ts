/**
 * Workbox 7 background-sync: its Queue, which keeps requests and sends them again one after another. Requests go straight into
 * it, without a try that fails first, and it is replayed once, by hand, as Workbox itself does where there are no sync events:
 * the browser's wait before such an event is not Workbox's, and with both at once it sends items twice. It has no durability to
 * choose.
 */
import { Queue } from 'workbox-background-sync';
import { enterEach, type Item, offer, timed } from '../contender.ts';

/** Made at once, as Workbox asks for: it listens to sync events, which find nothing to do here. */
const queue = new Queue('items', { onSync: async () => {} });
let items: Item[];

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

  drain: () => timed(() => queue.replayRequests()),
});
