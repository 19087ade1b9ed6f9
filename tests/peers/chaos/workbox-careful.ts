/**
 * Workbox with what a careful author can add from without: entries go straight into the queue, so that they keep their order; the
 * replay is the documented loop with one thing more, that only the server's own words count as an answer, so that a captive portal's
 * page, a 429 and a 5xx all put the request back; what hears nothing is given up; and the replay begins with each entry too, for the
 * browser waits five and fifteen minutes between its sync events, but never beside another. What stays is how the Queue itself
 * works: `shiftRequest` takes a request out of the database before it is sent.
 */
import { Queue } from 'workbox-background-sync';
import { app, Busy, kept } from './app.ts';

/** In ms. */
const PATIENCE = 10_000;

const busy = new Busy();
const queue = new Queue('items', { onSync: () => replay() });

async function replay(): Promise<void> {
  // Two at once send things twice.
  if (!busy.is) await busy.with(drain);
}

async function drain(): Promise<void> {
  for (let entry = await queue.shiftRequest(); entry; entry = await queue.shiftRequest()) {
    try {
      await send(entry.request.clone());
    } catch (error) {
      await queue.unshiftRequest(entry);
      throw error; // so that the browser fires the event again
    }
  }
}

async function send(request: Request): Promise<void> {
  const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
  const { accepted } = (await answer.json()) as { accepted?: number };
  if (accepted !== 1) throw new Error(`the server answered ${answer.status}`);
}

app({
  queue,
  send: replay,
  isBusy: () => busy.is,
  async take(request, later) {
    await queue.pushRequest({ request });
    later(replay().catch(() => {}));
    return kept();
  },
});
