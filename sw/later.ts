/// <reference lib="webworker" />
/**
 * What the app can begin without: pages that few open each day, and what they draw with. They are kept once the app is
 * there and the browser has nothing better to do, so that the first load stays small and every page opens offline.
 */

/** Written by the build. The names tell the contents. */
declare const __LATER__: string[];

const CACHE = 'fieldsync-later';

/** Reads codes for browsers that cannot; larger than all the rest. */
const READER = /\/code-reader-/;

/**
 * Fetches what is missing, one after another, and drops what an earlier version had. `reader`: whether this browser needs one
 * for codes.
 */
export async function keepLater(reader: boolean): Promise<void> {
  const cache = await caches.open(CACHE);
  const kept = (await cache.keys()).map(({ url }) => new URL(url).pathname);
  for (const path of kept) if (!__LATER__.includes(path)) await cache.delete(path);
  const missing = __LATER__.filter(path => !kept.includes(path));
  for (const path of missing) if (!READER.test(path)) await cache.add(path);
  if (reader) for (const path of missing) if (READER.test(path)) await cache.add(path);
}

/** Answers for one of them, and keeps it at its first use. */
export function respondLater(event: FetchEvent): boolean {
  const { origin, pathname } = new URL(event.request.url);
  if (event.request.method !== 'GET' || origin !== location.origin || !__LATER__.includes(pathname))
    return false;
  event.respondWith(answer(event.request, pathname));
  return true;
}

async function answer(request: Request, path: string): Promise<Response> {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(path);
  if (kept) return kept;
  const fresh = await fetch(request);
  // That it could not be kept, as when storage is full, is no reason not to show it.
  if (fresh.ok) await cache.put(path, fresh.clone()).catch(() => {});
  return fresh;
}
