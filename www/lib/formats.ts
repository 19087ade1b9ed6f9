import { lazily } from './lazily';

/** Milliseconds after which nobody waits for the worker: a format is then made where it is wanted. */
const ENOUGH = 300;

/**
 * Resolves once formats of dates and numbers are quick to make. For the first in a process Chromium looks through all its
 * languages, 40 to 70 ms of a computer's time and longer on a phone: a worker has it do that while the page's code comes.
 */
export const formatsReady = lazily(
  () =>
    new Promise<void>(resolve => {
      const worker = new Worker(new URL('./formats-worker.ts', import.meta.url), { type: 'module' });
      const done = () => {
        worker.terminate();
        resolve();
      };
      worker.onmessage = done;
      // Not on this device yet, and no network.
      worker.onerror = done;
      setTimeout(done, ENOUGH);
    }),
);
