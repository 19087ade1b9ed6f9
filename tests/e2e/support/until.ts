import { setTimeout as pause } from 'node:timers/promises';

/** Waits until a condition holds, and answers what it found; fails with the last thing seen when it never does. */
export async function until<T>(
  what: string,
  look: () => Promise<T> | T,
  holds: (seen: T) => boolean,
  seconds = 30,
): Promise<T> {
  const end = Date.now() + seconds * 1_000;
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (Date.now() > end)
      throw new Error(`${what}: not within ${seconds} s; last seen: ${JSON.stringify(seen)}`);
    await pause(100);
  }
}

/** The same promise, which fails when nothing has come of it in time. */
export async function within<T>(what: string, seconds: number, work: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = pause(seconds * 1_000, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`${what}: not within ${seconds} s`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.abort();
  }
}
