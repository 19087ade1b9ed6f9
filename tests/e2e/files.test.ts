/** Files that are kept on the device: what may not become of them while they wait. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { Fieldsync } from '../../www/lib/client.ts';
import { allSent, kept, ready } from './support/device.ts';
import { scenario } from './support/scenario.ts';
import { until } from './support/until.ts';
import { setUp } from './support/vault.ts';

/** Has the app keep a file of so many bytes of chance, and answers its hash. */
const attach = (page: Page, bytes: number): Promise<string> =>
  page.evaluate(async bytes => {
    const parts = Array.from({ length: Math.ceil(bytes / 65_536) }, (_, n) =>
      crypto.getRandomValues(new Uint8Array(Math.min(65_536, bytes - n * 65_536))),
    );
    const item = await (globalThis.fieldsync as Fieldsync).attach(new Blob(parts, { type: 'video/mp4' }));
    return (item.data as { sha256: string }).sha256;
  }, bytes);

/** The hash and the length of what the server gives for one. */
const given = (page: Page, sha256: string): Promise<[string, number]> =>
  page.evaluate(async sha256 => {
    const bytes = await (await fetch(`/api/v1/files/${sha256}`)).arrayBuffer();
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    return [[...hash].map(byte => byte.toString(16).padStart(2, '0')).join(''), bytes.byteLength];
  }, sha256);

/** What is kept of files: of each piece whether it is sealed, and of each file whether it has a key. */
const stored = (page: Page): Promise<{ keys: boolean[]; sealed: boolean[] }> =>
  page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const opening = indexedDB.open('fieldsync-files');
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const database = opening.result;
          const both = database.transaction(['files', 'pieces']);
          const [files, pieces] = ['files', 'pieces'].map(name => both.objectStore(name).getAll());
          both.oncomplete = () => {
            database.close();
            const rows = (files?.result ?? []) as { key?: string }[];
            const parts = (pieces?.result ?? []) as { sealed: boolean }[];
            resolve({ keys: rows.map(({ key }) => Boolean(key)), sealed: parts.map(({ sealed }) => sealed) });
          };
        };
      }),
  );

scenario(
  'a file whose entry was discarded and had back is uploaded, however long it has been kept',
  async ({ server, device }) => {
    const page = await device.install();
    await device.online(page, false);
    const hash = await attach(page, 300_000);
    // It was kept yesterday: only for how long no entry has named it may count.
    await page.evaluate(
      () =>
        new Promise<void>((resolve, reject) => {
          const opening = indexedDB.open('fieldsync-files');
          opening.onerror = () => reject(opening.error);
          opening.onsuccess = () => {
            const all = opening.result.transaction('files', 'readwrite').objectStore('files');
            const walk = all.openCursor();
            walk.onsuccess = () => {
              walk.result?.update({ ...walk.result.value, at: Date.now() - 24 * 60 * 60 * 1_000 });
              walk.result?.continue();
            };
            all.transaction.oncomplete = () => {
              opening.result.close();
              resolve();
            };
          };
        }),
    );
    await page.goto(new URL('/sync/queue', page.url()).href);
    await ready(page);
    await page.getByRole('link', { name: /^Video/ }).click();
    await page.getByRole('button', { name: 'Discard' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click();
    await page.getByRole('button', { name: 'Undo' }).waitFor();
    // Another page opens meanwhile, and looks for what is kept in vain.
    const other = await device.open();
    await other.evaluate(() => (globalThis.fieldsync as Fieldsync).syncNow());
    await other.close();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('It is back in the queue.').waitFor();
    await device.online(page, true);
    await allSent(page);
    assert.equal(server.records('media').length, 1);
    assert.deepEqual(await given(page, hash), [hash, 300_000]);
  },
);

scenario(
  'a file that is being kept while the vault is set up is sealed, and uploaded as it was',
  async ({ server, device }) => {
    const page = await device.install();
    await kept(page, 'vault_bg');
    await device.online(page, false);
    const second = await device.open('/vault');
    // The file's second piece is not read before the vault is there.
    const going = page.evaluate(async () => {
      const bytes = new Uint8Array(2_500_000).map((_, n) => n % 251);
      const open = new Promise<void>(resolve => Object.assign(globalThis, { goOn: resolve }));
      const read = Blob.prototype.arrayBuffer;
      let pieces = 0;
      Blob.prototype.arrayBuffer = async function () {
        if (pieces++ > 0) await open;
        return read.call(this);
      };
      const file = new Blob([bytes], { type: 'video/mp4' });
      const item = await (globalThis.fieldsync as Fieldsync).attach(file).catch(error => {
        throw new Error(JSON.stringify(error));
      });
      return (item.data as { sha256: string }).sha256;
    });
    await page.waitForFunction(() => 'goOn' in globalThis);
    await setUp(second);
    await page.evaluate(() => (globalThis as unknown as { goOn(): void }).goOn());
    const hash = await going;
    await until(
      'what was kept before the vault is sealed',
      () =>
        second.evaluate(async () => {
          const { keyring } = globalThis.fieldsync as Fieldsync;
          return (await keyring.sealed()) === keyring.lockBox?.current;
        }),
      sealed => sealed,
    );
    assert.deepEqual(await stored(second), { keys: [true], sealed: [true, true, true] });
    await device.online(page, true);
    await allSent(page);
    assert.equal(server.records('media').length, 1);
    assert.deepEqual(await given(page, hash), [hash, 2_500_000]);
  },
);
