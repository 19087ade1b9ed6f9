/**
 * What the server tells a person's devices the moment it happens (`GET /api/v1/events`): that a device was revoked, or that keys
 * were made. One page of a device listens, while it is looked at; what is to be done about it is for the engine to say.
 */
import type { Fieldsync } from './client';

/** After this many milliseconds it is tried again; twice as long after each try that fails, up to the longest. */
const AGAIN = 1_000;
const LONGEST = 60_000;

/** The lines of a body, as they come. */
async function* lines(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const whole = (rest + value).split('\n');
    rest = whole.pop() ?? '';
    yield* whole;
  }
}

/** Listens until the signal comes; where another page of this device does so already, once that one is gone. */
export function listen(client: Fieldsync, signal: AbortSignal): void {
  navigator.locks.request('fieldsync:events', { signal }, () => forever(client, signal)).catch(() => {}); // it was no longer wanted
}

async function forever(client: Fieldsync, signal: AbortSignal): Promise<void> {
  // The last thing that was heard: from there on it is told again.
  let last: string | undefined;
  let failures = 0;
  const news = () => void client.scheduler({ wish: 'news' }).catch(() => {}); // the next check finds it too
  while (!signal.aborted) {
    await shown(signal);
    const hidden = new AbortController();
    const hide = () => document.visibilityState === 'hidden' && hidden.abort();
    document.addEventListener('visibilitychange', hide);
    try {
      const { deviceId, accessToken } = await client.account();
      const headers = new Headers({ accept: 'text/event-stream' });
      if (accessToken) headers.set('authorization', `Bearer ${accessToken}`);
      if (last) headers.set('last-event-id', last);
      const { ok, status, body } = await fetch(`/api/v1/events?device=${encodeURIComponent(deviceId)}`, {
        headers,
        cache: 'no-store',
        signal: AbortSignal.any([signal, hidden.signal]),
      });
      // Of what happened while nobody listened nothing is told: it is looked for. So is why this device may not listen.
      if (failures > 0 && (last === undefined || status === 401 || status === 403)) news();
      if (!ok || !body) throw new Error(`the server answered ${status}`);
      failures = 0;
      for await (const line of lines(body)) {
        if (line.startsWith('id: ')) last = line.slice(4);
        else if (line === 'event: roster') news();
      }
    } catch {
      failures += 1;
    } finally {
      document.removeEventListener('visibilitychange', hide);
    }
    if (failures > 0 && !hidden.signal.aborted) await again(AGAIN * 2 ** (failures - 1), signal);
  }
}

/** The page is looked at. */
const shown = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    const look = () => {
      if (document.visibilityState === 'hidden' && !signal.aborted) return;
      document.removeEventListener('visibilitychange', look);
      resolve();
    };
    document.addEventListener('visibilitychange', look);
    signal.addEventListener('abort', look, { once: true });
    look();
  });

/** The time is over, or the network is back. Not all devices come at the same moment. */
const again = (wait: number, signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    const stop = new AbortController();
    const go = () => {
      clearTimeout(timer);
      stop.abort();
      resolve();
    };
    const timer = setTimeout(go, Math.min(LONGEST, wait) * (0.5 + Math.random()));
    addEventListener('online', go, { once: true, signal: stop.signal });
    signal.addEventListener('abort', go, { once: true, signal: stop.signal });
  });
