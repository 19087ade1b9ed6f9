/** Files that go by themselves: saved offline, uploaded in parts, over links that break and by workers that end. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { Fieldsync } from '../../www/lib/client.ts';
import { allSent, items, kept, syncAsked } from './support/device.ts';
import { scenario } from './support/scenario.ts';
import type { Part } from './support/server.ts';
import { until } from './support/until.ts';

/** Has the app keep a file of so many bytes of chance, and answers its hash as the browser reckons it. */
const attach = (page: Page, bytes: number): Promise<string> =>
  page.evaluate(async bytes => {
    const parts = Array.from({ length: Math.ceil(bytes / 65_536) }, (_, n) =>
      crypto.getRandomValues(new Uint8Array(Math.min(65_536, bytes - n * 65_536))),
    );
    const file = new Blob(parts, { type: 'video/mp4' });
    const item = await (globalThis.fieldsync as Fieldsync).attach(file, { caption: `${bytes} bytes` });
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()));
    const hex = [...hash].map(byte => byte.toString(16).padStart(2, '0')).join('');
    const said = (item.data as { sha256: string }).sha256;
    if (said !== hex) throw new Error(`the app says ${said}, the browser ${hex}`);
    return hex;
  }, bytes);

/** The hash and the length of what the server gives for one. */
const given = (page: Page, sha256: string): Promise<[string, number]> =>
  page.evaluate(async sha256 => {
    const bytes = await (await fetch(`/api/v1/files/${sha256}`)).arrayBuffer();
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    return [[...hash].map(byte => byte.toString(16).padStart(2, '0')).join(''), bytes.byteLength];
  }, sha256);

/** The files that the device still keeps. */
const keptFiles = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      new Promise<number>((resolve, reject) => {
        const opening = indexedDB.open('fieldsync-files');
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const count = opening.result.transaction('pieces').objectStore('pieces').count();
          count.onsuccess = () => {
            opening.result.close();
            resolve(count.result);
          };
        };
      }),
  );

/** The most that any byte of an upload was sent. */
function mostSent(parts: Part[]): number {
  const edges = parts.flatMap(({ path, from, came }) => [
    { path, at: from, by: 1 },
    { path, at: from + came, by: -1 },
  ]);
  edges.sort((one, other) => one.path.localeCompare(other.path) || one.at - other.at || one.by - other.by);
  let [now, most] = [0, 0];
  for (const { by } of edges) {
    now += by;
    most = Math.max(most, now);
  }
  return most;
}

scenario(
  'files saved offline are uploaded with every page closed, over a link that is cut and by a worker that is ended, and are the same on the server',
  async ({ server, device }) => {
    const page = await device.install();
    await kept(page, 'keep-file');
    await device.online(page, false);
    const sizes = [300_000, 12_000_000];
    const hashes = [await attach(page, 300_000), await attach(page, 12_000_000)];
    const queue = await items(page, 'queue');
    assert.deepEqual(
      queue.map(({ state, upload }) => [state, upload?.sent]),
      [
        ['pending', 0],
        ['pending', 0],
      ],
    );
    await syncAsked(page);
    const cut = await server.halt('cut');
    const blank = await device.closePages();
    await device.connect(true);
    await cut.halted;
    const stalled = await server.halt('stall');
    await stalled.halted;
    await device.endWorkers(blank);

    const next = await device.open();
    await allSent(next);
    assert.equal(server.records('media').length, 2);
    for (const [n, hash] of hashes.entries()) assert.deepEqual(await given(next, hash), [hash, sizes[n]]);
    const parts = await server.chunks();
    const sent = parts.reduce((sum, { came }) => sum + came, 0);
    process.stdout.write(`# ${parts.length} chunks, ${sent} bytes of 12300000\n`);
    assert.ok(mostSent(parts) <= 2, JSON.stringify(parts));
    assert.ok((await device.workerMemory()) <= 16 * 1_024 * 1_024);

    // What is on the server is not kept any longer.
    await until(
      'no piece of a file is kept',
      () => keptFiles(next),
      left => left === 0,
    );
  },
  { seconds: 240 },
);
