/// <reference lib="webworker" />
/**
 * The service worker's shell. It decides nothing: it registers every handler before its first evaluation ends (a handler
 * added later loses the event that started the worker), keeps the app for offline use, and hands each event to the engine.
 */
import { ask } from './engine';
import { keepLanguage, keepLater, keepNoMore, respondLater } from './later';
import { answer } from './local';
import { activate, install, respond } from './precache';
import { follow, wake } from './tell';

declare const self: ServiceWorkerGlobalScope;

/** Background Sync and Periodic Background Sync, which TypeScript's library does not know. */
interface SyncEvent extends ExtendableEvent {
  readonly tag: string;
}

self.addEventListener('install', event => {
  install(event);
  event.waitUntil(keepLanguage().catch(() => {})); // English is there in any case
});

self.addEventListener('activate', event => {
  activate(event);
  event.waitUntil(self.clients.claim());
});

self.addEventListener('fetch', event => {
  if (!answer(event) && !respondLater(event)) respond(event);
  if (event.request.mode === 'navigate') drainUnasked(event);
});

self.addEventListener('message', event => {
  const { type, cause, power, lock, reader, language } = event.data ?? {};
  const port = event.ports[0];
  if (type === 'SKIP_WAITING') {
    event.waitUntil(self.skipWaiting());
  } else if (type === 'fieldsync:give-way') {
    keepNoMore();
    event.waitUntil(ask('giveWay', {}));
  } else if (type === 'fieldsync:keep-later') {
    event.waitUntil(keepLater(reader === true, language).catch(() => {})); // what is missing comes the next time, or when it is used
  } else if (type === 'fieldsync:scheduler' && port) {
    event.waitUntil(
      ask('scheduler', event.data.ask).then(
        ok => port.postMessage({ ok }),
        error => port.postMessage({ error }),
      ),
    );
  } else if (type === 'fieldsync:wake' && port) {
    const answered = () =>
      wake(event, { cause, power }).then(
        ok => port.postMessage({ ok }),
        error => port.postMessage({ error }),
      );
    event.waitUntil(typeof lock === 'string' ? underLock(lock, port, answered) : answered());
  }
});

/** While this lasts the page that asked knows by the lock that this worker lives; the browser frees it when it ends it. */
const underLock = (lock: string, port: MessagePort, work: () => Promise<void>): Promise<void> =>
  navigator.locks.request(lock, () => {
    port.postMessage({ began: true });
    return work();
  });

self.addEventListener('notificationclick', event => event.waitUntil(follow(event)));

/** Without Background Sync the worker drains also when any page is opened, were it one of the server's own, without an engine. */
function drainUnasked(event: ExtendableEvent): void {
  if ('sync' in self.registration) return;
  event.waitUntil(wake(event, { cause: 'start' }).catch(() => {})); // how it ends is stored, and told by events
}

self.addEventListener('sync' as 'message', event => event.waitUntil(sync(event as unknown as SyncEvent)));

self.addEventListener('periodicsync' as 'message', event =>
  event.waitUntil(wake(event, { cause: 'periodicSync' })),
);

/** While something remains the event counts as failed, so that the browser sends it again with the page closed. */
async function sync(event: SyncEvent): Promise<void> {
  if (!event.tag.startsWith('fieldsync:')) return;
  const { remaining, hold } = await wake(event, { cause: 'sync' });
  if (remaining > 0 || hold) throw new Error(`${remaining} remain: ${hold?.words ?? 'saved meanwhile'}`);
}
