/** New keys seal anew what is queued, and a browser that is killed meanwhile leaves every entry under one key or another. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { drained, kept } from './support/device.ts';
import { enterReadings } from './support/many.ts';
import { scenario } from './support/scenario.ts';
import { until } from './support/until.ts';
import { rotate, setUp, unlock } from './support/vault.ts';

const ENTRIES = 1_500;

/** How many entries are under which keys, once at least this share of them is under others than the first. */
const shares = (page: Page, least: number): Promise<number[]> =>
  page.evaluate(
    async ({ least }) => {
      const opening = indexedDB.open('fieldsync');
      await new Promise(done => opening.addEventListener('success', done));
      const database = opening.result;
      for (let first: string | undefined; ; ) {
        const all = database.transaction('items').objectStore('items').getAll();
        await new Promise(done => all.addEventListener('success', done));
        const counts: Record<string, number> = {};
        for (const { sealed } of all.result as { sealed?: string }[]) {
          const rotation = sealed?.split('.')[1] ?? 'in clear';
          first ??= rotation;
          counts[rotation] = (counts[rotation] ?? 0) + 1;
        }
        const others = all.result.length - (counts[first ?? ''] ?? 0);
        if (others >= least * all.result.length) {
          database.close();
          return Object.values(counts);
        }
      }
    },
    { least },
  );

scenario(
  'a browser that is killed while what waits is sealed anew loses none of it, and goes on with it',
  async ({ server, device }) => {
    let page = await device.install();
    await kept(page, 'vault_bg');
    await setUp(page);
    await device.online(page, false);
    await enterReadings(page, 'P-1', 0, ENTRIES);
    for (const share of [0.1, 0.4, 0.7]) {
      const partly = shares(page, share);
      const made = rotate(page).catch(() => {}); // it ends with the browser
      await partly;
      await device.kill();
      await made;
      await device.boot();
      page = await device.open('/sync/queue');
      const found = await shares(page, 0);
      assert.equal(found.length, 2, `${found}: under the keys before and the new ones`);
      assert.equal(
        found.reduce((sum, count) => sum + count),
        ENTRIES,
      );
      await unlock(page);
      await until(
        'all is under one key',
        () => shares(page, 0),
        counts => counts.length === 1,
      );
    }
    await device.connect(true);
    await drained(page);
    const values = server
      .export()
      .filter(({ kind }) => kind === 'reading')
      .map(({ data }) => (data as { value?: number }).value);
    assert.deepEqual([values.length, new Set(values).size], [ENTRIES, ENTRIES]);
  },
  { seconds: 300 },
);
