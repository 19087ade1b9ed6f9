/**
 * Room that is kept free, so that text still fits when photos have filled the rest. What a browser says of the room that is left
 * may be anything (Chromium always says ten gigabytes), so the room is taken: by bytes that stand for it, and are removed when
 * a write finds none. The engine does so too (`release_reserve`), for all but photos.
 */
const RESERVE = 'fieldsync-reserve';
const PLACE = '/reserve';

/** Some thousand readings, with all that the browser's store puts around them. Bytes. */
const ROOM = 4 * 1_024 * 1_024;
/** So much chance is given at once. Bytes. */
const CHUNK = 64 * 1_024;

/** Whether the room is kept; takes it where it is not. Without it no photo is taken. */
export async function keepReserve(): Promise<boolean> {
  if (!('caches' in globalThis)) return true; // nothing can be said of it
  // Not the cache alone, which is there before its bytes are.
  if (await caches.match(PLACE, { cacheName: RESERVE })) return true;
  // Chance, because what is alike takes less room in some browsers.
  const chunks = Array.from({ length: ROOM / CHUNK }, () => crypto.getRandomValues(new Uint8Array(CHUNK)));
  try {
    await (await caches.open(RESERVE)).put(PLACE, new Response(new Blob(chunks)));
    return true;
  } catch {
    await caches.delete(RESERVE).catch(() => {});
    return false;
  }
}
