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

/** The words of a language other than English, and those of the engine in it; for who speaks it. */
const LANGUAGE = /\/(?:ar|engine-words)-[^/]+$/;

/**
 * Fetches what is missing, one after another, and drops what an earlier version had. `reader`: whether this browser needs one
 * for codes; `language`: the one that is spoken on the page.
 */
export async function keepLater(reader: boolean, language: unknown): Promise<void> {
  const cache = await caches.open(CACHE);
  const kept = await paths(cache);
  for (const path of kept) if (!__LATER__.includes(path)) await cache.delete(path);
  const wanted = (path: string) =>
    LANGUAGE.test(path) ? language !== 'en' && language !== undefined : reader || !READER.test(path);
  const missing = __LATER__.filter(path => wanted(path) && !kept.includes(path));
  // The reader is by far the largest, and comes last.
  const ordered = [
    ...missing.filter(path => !READER.test(path)),
    ...missing.filter(path => READER.test(path)),
  ];
  for (const path of ordered) await add(cache, path);
}

const broken = new AbortController();

/** Fetches no more here: a newer version waits until nothing is under way, and keeps its own. */
export const keepNoMore = (): void => broken.abort();

async function add(cache: Cache, path: string): Promise<void> {
  const answer = await fetch(path, { signal: broken.signal });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  await cache.put(path, answer);
}

/** A new version is there with its words: where the version before spoke another language than English. */
export async function keepLanguage(): Promise<void> {
  const cache = await caches.open(CACHE);
  const kept = await paths(cache);
  if (!kept.some(path => LANGUAGE.test(path))) return;
  for (const path of __LATER__) if (LANGUAGE.test(path) && !kept.includes(path)) await add(cache, path);
}

const paths = async (cache: Cache): Promise<string[]> =>
  (await cache.keys()).map(({ url }) => new URL(url).pathname);

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
