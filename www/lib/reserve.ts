/**
 * Room that is kept free, so that text still fits when photos have filled the rest. What a browser says of the room that is left
 * may be anything (Chromium always says ten gigabytes), so the room is taken: by a file of these bytes, which is removed when
 * a write finds none. The engine does so too (`release_reserve`), for all but photos. A file, because its room is free at once:
 * Chromium keeps that of a cache for as long as anybody has it open.
 */
const NAME = 'reserve';

/** Some thousand readings, with all that the browser's store puts around them. Bytes. */
const ROOM = 4 * 1_024 * 1_024;
/** So much is written at once. Bytes. */
const PIECE = 256 * 1_024;
/** So much chance is given at once. Bytes. */
const CHUNK = 64 * 1_024;

/** A piece of chance, because what is alike takes less room in some browsers. */
const chance = () =>
  new Blob(Array.from({ length: PIECE / CHUNK }, () => crypto.getRandomValues(new Uint8Array(CHUNK))));

/** Where the browser has files of the app's own; older ones do not, or cannot write to them. */
async function folder(): Promise<FileSystemDirectoryHandle | undefined> {
  const { storage } = navigator as { storage?: StorageManager };
  if (!storage?.getDirectory || !('createWritable' in FileSystemFileHandle.prototype)) return undefined;
  return storage.getDirectory().catch(() => undefined); // a private window may have none
}

/** Whether the room is kept; takes it where it is not. Without it no photo is taken. */
export async function keepReserve(): Promise<boolean> {
  const files = await folder();
  if (!files) return true; // nothing can be said of it
  try {
    const file = await files.getFileHandle(NAME, { create: true });
    // One that is empty was begun by a page that ended.
    if ((await file.getFile()).size >= ROOM) return true;
    const writer = await file.createWritable();
    // Piece by piece: a slow phone takes a tenth of a second for all of it.
    for (let written = 0; written < ROOM; written += PIECE) await writer.write(chance());
    await writer.close(); // all of it is there from then on, and nothing before
    return true;
  } catch {
    return false;
  }
}

/** Gives the room up, where it is kept. */
export async function releaseReserve(): Promise<void> {
  await (await folder())?.removeEntry(NAME).catch(() => {}); // it was given up already
}
