/** Files that go by themselves: saved offline, uploaded in parts, over links that break and by workers that end. */
import assert from 'node:assert/strict';
import { createCipheriv, createHash } from 'node:crypto';
import { setTimeout as after } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import type { Fieldsync } from '../../www/lib/client.ts';
import { allSent, items, status, syncAsked } from './support/device.ts';
import type { Part } from './support/relay.ts';
import { scenario } from './support/scenario.ts';
import { until } from './support/until.ts';

/** What the engine may have in use while it uploads (P5). Bytes. */
const MEMORY = 16 * 1_048_576;

/** So much of a file is made at once, on the page and here. */
const MADE = 1_048_576;

/** Has the app keep a file of so many bytes: a stream of AES under a key of this number, made piece by piece. */
const attach = (page: Page, number: number, bytes: number, mime = 'video/mp4'): Promise<string> =>
  page.evaluate(
    async ({ number, bytes, mime, made }) => {
      const key = await crypto.subtle.importKey('raw', new Uint8Array(32).fill(number), 'AES-CTR', false, [
        'encrypt',
      ]);
      const parts: Blob[] = [];
      for (let at = 0; at < bytes; at += made) {
        const counter = new Uint8Array(16);
        new DataView(counter.buffer).setUint32(12, at / 16);
        const zeros = new Uint8Array(Math.min(made, bytes - at));
        parts.push(
          new Blob([await crypto.subtle.encrypt({ name: 'AES-CTR', counter, length: 128 }, key, zeros)]),
        );
      }
      const file = new Blob(parts, { type: mime });
      const item = await (globalThis.fieldsync as Fieldsync).attach(file, { caption: `${bytes} bytes` });
      return (item.data as { sha256: string }).sha256;
    },
    { number, bytes, mime, made: MADE },
  );

/** The SHA-256 of such a file, as Node makes it. */
function madeHere(number: number, bytes: number): string {
  const [cipher, hash] = [
    createCipheriv('aes-256-ctr', Buffer.alloc(32, number), Buffer.alloc(16)),
    createHash('sha256'),
  ];
  for (let at = 0; at < bytes; at += MADE)
    hash.update(cipher.update(Buffer.alloc(Math.min(MADE, bytes - at))));
  return hash.digest('hex');
}

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

/** The parts of which some byte was sent most often. */
function mostSent(parts: Part[]): Part[] {
  const over = ({ path, from }: Part) =>
    parts.filter(part => part.path === path && part.from <= from && from < part.from + part.came);
  return parts.map(over).reduce((most, these) => (these.length > most.length ? these : most), []);
}

scenario(
  'files saved offline are uploaded with every page closed, over a link that is cut and by a worker that is ended, and are the same on the server',
  async ({ server, device }) => {
    const page = await device.install();
    await device.online(page, false);
    const sizes = [300_000, 12_000_000];
    const hashes = [await attach(page, 1, 300_000), await attach(page, 2, 12_000_000)];
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
    for (const [n, hash] of hashes.entries()) {
      assert.equal(hash, madeHere(n + 1, sizes[n] ?? 0));
      assert.deepEqual(await server.file(hash), [hash, sizes[n]]);
    }
    const parts = await server.chunks();
    const sent = parts.reduce((sum, { came }) => sum + came, 0);
    process.stdout.write(`# ${parts.length} chunks, ${sent} bytes of 12300000\n`);
    const most = mostSent(parts);
    assert.ok(most.length <= 2, JSON.stringify(most));
    assert.ok((await device.workerMemory()) <= MEMORY);

    // What is on the server is not kept any longer.
    await until(
      'no piece of a file is kept',
      () => keptFiles(next),
      left => left === 0,
    );
  },
  { seconds: 240 },
);

scenario(
  'twenty photos and a file of 300 MB arrive as they are, each byte sent at most twice, while the worker is ended every two seconds, the link cut ten times and the server killed twice',
  async ({ server, device }) => {
    const page = await device.install();
    await device.online(page, false);
    const sizes = [...Array.from({ length: 20 }, (_, n) => 700_000 + 90_001 * n), 300_000_000];
    const hashes: string[] = [];
    for (const [n, size] of sizes.entries())
      hashes.push(await attach(page, n, size, size < 10_000_000 ? 'image/jpeg' : 'video/mp4'));
    await device.online(page, true);

    // Every two seconds the worker ends; after each time a part is cut off, until it was ten times, and twice the server dies.
    let [ended, cut, most] = [0, 0, 0];
    const cuts: Promise<void>[] = [];
    const began = Date.now();
    while ((await status(page)).queueSize > 0) {
      assert.ok(Date.now() - began < 600_000, `after ${ended} ends and ${cut} cuts it is not done`);
      await after(2_000);
      // Whether there is one cannot be told; one that has ended does not answer.
      void device.workerMemory().then(
        bytes => {
          most = Math.max(most, bytes);
        },
        () => {},
      );
      await device.endWorkers(page);
      ended += 1;
      if (cut < 10) {
        cuts.push((await server.halt('cut')).halted);
        cut += 1;
      }
      if (ended === 4 || ended === 9) await server.crash();
    }
    await Promise.all(cuts);
    assert.equal(cut, 10);
    assert.equal(server.records('media').length, sizes.length);
    for (const [n, hash] of hashes.entries()) {
      assert.equal(hash, madeHere(n, sizes[n] ?? 0));
      assert.deepEqual(await server.file(hash), [hash, sizes[n]]);
    }
    const parts = await server.chunks();
    const sent = parts.reduce((sum, { came }) => sum + came, 0);
    const all = sizes.reduce((sum, size) => sum + size, 0);
    const pages = await page.evaluate(() => (globalThis.fieldsync as Fieldsync).memory());
    process.stdout.write(
      `# ${parts.length} chunks, ${sent} bytes of ${all}; the worker ended ${ended} times, ${cut} cuts; ` +
        `the engine had ${most} bytes in the worker, ${pages} in the page\n`,
    );
    const twice = mostSent(parts);
    assert.ok(twice.length <= 2, JSON.stringify(twice));
    assert.ok(Math.max(most, pages) <= MEMORY);
  },
  { seconds: 900 },
);
