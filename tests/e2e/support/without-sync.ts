/**
 * Chromium without Background Sync. No launch flag takes it away (one does for Periodic Sync alone), so a script does, before
 * the app's own: in pages as the browser's init script, in the worker at the head of its file.
 */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What runs before the app's own code. A browser's own sync event finds no one: nothing can ask for one. */
export const WITHOUT_SYNC = `
for (const name of ['SyncManager', 'SyncEvent', 'PeriodicSyncManager', 'PeriodicSyncEvent']) delete globalThis[name];
for (const name of ['sync', 'periodicSync']) delete globalThis.ServiceWorkerRegistration?.prototype[name];
`;

/** A copy of the app whose worker has no Background Sync; answers where it is. */
export function appWithoutSync(www: string, folder: string): string {
  const copy = copyOf(www, folder);
  const worker = join(copy, 'sw.js');
  writeFileSync(worker, WITHOUT_SYNC + readFileSync(worker, 'utf8'));
  return copy;
}

/** A copy of the app that a test may change; answers where it is. */
export function copyOf(www: string, folder: string): string {
  const copy = join(folder, 'www');
  cpSync(www, copy, { recursive: true });
  return copy;
}
