/// <reference lib="webworker" />
/** The app shell, kept for offline use: every file that was built, the wasm among them. */
import { PrecacheController } from 'workbox-precaching';

/** Written by the build. */
declare const __PRECACHE__: { url: string; revision: string | null }[];

const START = '/index.html';

const shell = new PrecacheController();
shell.addToCacheList(__PRECACHE__);

/** Fetches what is new; the version that runs is not touched. */
export const install = (event: ExtendableEvent): void => void shell.install(event);

/** Drops what the version before had and this one does not. */
export const activate = (event: ExtendableEvent): void => void shell.activate(event);

/** Answers from the shell; what is not of the shell goes to the network as if there were no worker. */
export function respond(event: FetchEvent): void {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== location.origin) return;
  const page = request.mode === 'navigate' && !/^\/(api|demo)\//.test(pathname);
  const url = page ? START : pathname;
  if (!shell.getCacheKeyForURL(url)) return;
  event.respondWith(shell.matchPrecache(url).then(kept => kept ?? fetch(request)));
}

/** The engine's module, from the shell; from the network should the browser have dropped it. */
export async function wasm(): Promise<Response> {
  const url = __PRECACHE__.find(entry => entry.url.endsWith('.wasm'))?.url;
  if (!url) throw new Error('the shell has no wasm');
  return (await shell.matchPrecache(url)) ?? fetch(url);
}
