/** The vault as a person uses it, and what can be found on the device without its passphrase. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { go } from './app.ts';
import { ready } from './device.ts';
import { followMessages } from './messages.ts';

export const PASSPHRASE = 'meter otter lantern sea';

/** Sets the vault up. */
export async function setUp(page: Page, { keep = false } = {}): Promise<void> {
  await go(page, '/vault');
  await page.getByLabel('New passphrase').fill(PASSPHRASE);
  await page.getByLabel('The same once more').fill(PASSPHRASE);
  if (keep) await page.getByLabel('Keep unlocked on this device').check();
  await page.getByRole('button', { name: 'Use a passphrase' }).click();
  await page.getByRole('button', { name: 'Lock now' }).waitFor();
}

/** Makes new keys, and waits until the app says that they are in use. */
export async function rotate(page: Page): Promise<void> {
  await go(page, '/vault');
  await page.getByRole('button', { name: 'Make new keys' }).first().click();
  await page.getByLabel('Your passphrase').fill(PASSPHRASE);
  const said = await followMessages(page);
  await page.locator('form').getByRole('button', { name: 'Make new keys' }).click();
  await said('New keys are in use.');
}

/** Types a passphrase where the app asks for it. */
export async function unlock(page: Page, passphrase = PASSPHRASE, { keep = false } = {}): Promise<void> {
  await page.getByLabel('Passphrase', { exact: true }).fill(passphrase);
  if (keep) await page.getByLabel('Keep unlocked on this device').check();
  await page.getByRole('button', { name: 'Unlock', exact: true }).click();
}

/** Locks it, from the page of the vault. */
export async function lock(page: Page): Promise<void> {
  await go(page, '/vault');
  await page.getByRole('button', { name: 'Lock now' }).click();
  // Not “Unlock with this device”, which stands there while it is open.
  await page.getByRole('heading', { name: 'Unlock', exact: true }).waitFor();
}

/** All that is in every database of the app, as text. */
export const databases = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    let text = JSON.stringify([{ ...localStorage }, { ...sessionStorage }]);
    for (const { name = '' } of await indexedDB.databases()) {
      const database = await new Promise<IDBDatabase>(resolve => {
        const opening = indexedDB.open(name);
        opening.onsuccess = () => resolve(opening.result);
      });
      for (const store of database.objectStoreNames) {
        const all = database.transaction(store).objectStore(store);
        const [keys, values] = [all.getAllKeys(), all.getAll()];
        await new Promise<void>(resolve => {
          all.transaction.oncomplete = () => resolve();
        });
        text += JSON.stringify([name, store, keys.result, values.result], (_, value) =>
          value instanceof CryptoKey ? 'CryptoKey' : value,
        );
      }
      database.close();
    }
    return text;
  });

/**
 * Every secret key that the page takes into use from its next load on, as it was before the browser had it: what is searched
 * for on the disk, where none may be.
 */
export async function followKeys(page: Page): Promise<() => Promise<Buffer[]>> {
  await page.addInitScript(() => {
    const { importKey } = SubtleCrypto.prototype;
    Object.assign(globalThis, { keysInUse: [] });
    SubtleCrypto.prototype.importKey = function (this: SubtleCrypto, ...how: unknown[]) {
      const [format, given, algorithm] = how as [string, BufferSource, { name?: string } | string];
      const name = typeof algorithm === 'string' ? algorithm : algorithm.name;
      const secret = format === 'pkcs8' || name === 'AES-GCM' || name === 'HMAC';
      const bytes = ArrayBuffer.isView(given)
        ? new Uint8Array(given.buffer, given.byteOffset, given.byteLength)
        : new Uint8Array(given);
      if (secret) (globalThis as unknown as { keysInUse: number[][] }).keysInUse.push([...bytes]);
      return Reflect.apply(importKey, this, how);
    } as typeof importKey;
  });
  await page.reload();
  await ready(page);
  return async () => {
    const all = await page.evaluate(() => (globalThis as unknown as { keysInUse: number[][] }).keysInUse);
    // Of a key pair the secret number, which stands behind 36 bytes of PKCS #8: the rest of it is the public key.
    return all.map(bytes => Buffer.from(bytes.length > 64 ? bytes.slice(36, 68) : bytes));
  };
}

/** A key in the ways in which a program may write it as text. */
export const spelled = (key: Buffer): string[] => [
  key.toString('base64').replace(/=+$/, ''),
  key.toString('base64url'),
  key.toString('hex'),
  [...key].join(','),
];

/** The files below a folder that hold one of these, texts in any of the ways in which a browser writes text. */
export function filesWith(folder: string, what: (string | Buffer)[]): string[] {
  const needles = what.flatMap(each =>
    typeof each === 'string' ? [Buffer.from(each, 'utf8'), Buffer.from(each, 'utf16le')] : each,
  );
  const found: string[] = [];
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (!entry.isFile() || !statSync(file, { throwIfNoEntry: false })?.isFile()) continue;
    const bytes = readFileSync(file);
    if (needles.some(needle => bytes.includes(needle))) found.push(file);
  }
  return found;
}
