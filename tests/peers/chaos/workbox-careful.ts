/**
 * Workbox with what a careful author can add from without: entries go straight into the queue, so that they keep their order; the
 * replay is the documented loop with one thing more, that only the server's own words count as an answer, so that a captive portal's
 * page, a 429 and a 5xx all put the request back; and what hears nothing is given up. What stays is how the Queue itself works:
 * `shiftRequest` takes the request out of the database before it is sent.
 */
import { Queue } from 'workbox-background-sync';
import { app, Busy, kept } from './app.ts';

/** In ms. */
const PATIENCE = 10_000;

const busy = new Busy();
const queue = new Queue('items', { onSync: ({ queue }) => busy.with(() => replay(queue)) });

async function replay(queue: Queue): Promise<void> {
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

async function take(request: Request): Promise<Response> {
  await queue.pushRequest({ request });
  return kept();
}

app(queue, take, () => busy.is);
