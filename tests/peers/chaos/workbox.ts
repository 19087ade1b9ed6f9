/**
 * Workbox as its documentation has it: what is posted is tried at once; where that fails, by the network or by a 5xx (which the
 * documentation has an app throw at), the request goes into the queue. The sync event replays the queue with Workbox's own
 * `replayRequests`, to which any answer is a success. A try that hears nothing is given up, as by the `networkTimeoutSeconds` of
 * its strategies.
 */
import { Queue } from 'workbox-background-sync';
import { app, Busy, kept } from './app.ts';

/** In ms. */
const PATIENCE = 10_000;

const busy = new Busy();
// What it does without `onSync`; given here only to be counted while it runs.
const queue = new Queue('items', { onSync: ({ queue }) => busy.with(() => queue.replayRequests()) });

async function take(request: Request): Promise<Response> {
  try {
    const answer = await fetch(request.clone(), { signal: AbortSignal.timeout(PATIENCE) });
    if (answer.status >= 500) throw new Error(`the server answered ${answer.status}`);
    return answer;
  } catch {
    await queue.pushRequest({ request });
    return kept();
  }
}

// A tag that waits already stays as it is; one that the browser has given up is asked for anew.
app({ queue, take, send: () => queue.registerSync(), isBusy: () => busy.is });
