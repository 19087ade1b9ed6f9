import { setTimeout as pause } from 'node:timers/promises';

/** How much longer than on a free machine anything may take before it is given up: what runs beside slows all of it. */
const PATIENCE = 3;

/** What takes no longer than so many seconds on a free machine, in milliseconds as they may be here. */
export const atMost = (seconds: number): number => seconds * 1_000 * PATIENCE;

/** Waits until a condition holds, and answers what it found; fails with the last thing seen when it never does (`atMost`). */
export async function until<T>(
  what: string,
  look: () => Promise<T> | T,
  holds: (seen: T) => boolean,
  seconds = 30,
): Promise<T> {
  const end = Date.now() + atMost(seconds);
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (Date.now() > end)
      throw new Error(`${what}: not within ${atMost(seconds) / 1_000} s; last seen: ${JSON.stringify(seen)}`);
    await pause(100);
  }
}

/** The same promise, which fails when nothing has come of it in time (`atMost`). */
export async function within<T>(what: string, seconds: number, work: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = pause(atMost(seconds), undefined, { signal: timer.signal }).then(() => {
    throw new Error(`${what}: not within ${atMost(seconds) / 1_000} s`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.abort();
  }
}
