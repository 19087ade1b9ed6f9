import { tryAgain } from './again';
import { readsByItself } from './codes';
import { language } from './language';
import { go } from './router';

const LOOK_AGAIN = 60 * 60 * 1_000;

/** Tells once that a newer version of the app is installed and waits; called with what switches to it. */
export type UpdateReady = (apply: () => void) => void;

/**
 * Registers the service worker. An update is only ever offered: the page goes on under the version it was opened with
 * until the person says so, and what is queued or typed is on the device either way.
 */
export async function registerWorker(ready: UpdateReady): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  const { serviceWorker } = navigator;
  let asked = false;
  serviceWorker.addEventListener('controllerchange', () => {
    if (asked) location.reload();
  });
  // A person has followed one of the worker's messages here.
  serviceWorker.addEventListener('message', ({ data }: MessageEvent) => {
    if (data?.type === 'fieldsync:go' && typeof data.to === 'string') go(data.to);
  });

  const registration = await registered();
  const offer = (worker: ServiceWorker) =>
    ready(() => {
      asked = true;
      // A worker that took over meanwhile, by another tab's consent, sends no further event.
      if (worker.state !== 'installed') return location.reload();
      // Switching waits for what the old worker is doing, and a sync that fails again and again would keep it for minutes.
      // Chromium ends an idle one for it once: who is woken again right after that stays until nobody has asked for 30 s.
      serviceWorker.controller?.postMessage({ type: 'fieldsync:give-way' });
      worker.postMessage({ type: 'SKIP_WAITING' });
    });
  const follow = (worker: ServiceWorker) =>
    worker.addEventListener('statechange', () => {
      // Without a controller this is the first installation, not an update.
      if (worker.state === 'installed' && serviceWorker.controller) offer(worker);
    });

  if (registration.waiting && serviceWorker.controller) offer(registration.waiting);
  if (registration.installing) follow(registration.installing);
  registration.addEventListener(
    'updatefound',
    () => registration.installing && follow(registration.installing),
  );

  // The pages that few open each day come when the rest is there and nothing else is to be done.
  void serviceWorker.ready.then(({ active }) =>
    whenIdle(async () => {
      // Who reads codes with a camera needs a reader where the browser has none.
      const reader = 'mediaDevices' in navigator && !(await readsByItself()) && !spares();
      active?.postMessage({ type: 'fieldsync:keep-later', reader, language: language() });
      if (await caches.has('fieldsync-notices')) await (await import('./notice-words')).renewWords();
    }),
  );

  let looked = Date.now();
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'visible' || Date.now() - looked < LOOK_AGAIN) return;
    looked = Date.now();
    // Offline it fails, and the next look comes by itself.
    registration.update().catch(() => {});
  });
}

/** The names of the errors of a browser that allows no worker here, whatever the network does. */
const FOR_GOOD = ['SecurityError', 'NotSupportedError'];

/**
 * The registration, once a worker has kept the app. A network that breaks off meanwhile ends the first one, and the browser
 * begins no other before the page is loaded anew: so it is begun here. Rejects where the browser allows no worker.
 */
function registered(): Promise<ServiceWorkerRegistration> {
  const attempt = async () => {
    const where = { scope: '/', updateViaCache: 'none' } as const;
    const registration = await navigator.serviceWorker.register('/sw.js', where);
    if (!registration.active && registration.installing) await installed(registration.installing);
    return registration;
  };
  return attempt().catch(error => {
    if (FOR_GOOD.includes(error?.name)) throw error;
    return new Promise(resolve => tryAgain(() => attempt().then(resolve)));
  });
}

function installed(worker: ServiceWorker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.addEventListener('statechange', () => {
      if (worker.state === 'redundant') reject(new Error('the app could not be kept'));
      else resolve();
    });
  });
}

/** Whether the person asked for few bytes. */
const spares = (): boolean =>
  (navigator as { connection?: { saveData?: boolean } }).connection?.saveData === true;

/** Safari has no such moment of its own. */
function whenIdle(work: () => void): void {
  if ('requestIdleCallback' in globalThis) requestIdleCallback(work, { timeout: 10_000 });
  else setTimeout(work, 2_000);
}
