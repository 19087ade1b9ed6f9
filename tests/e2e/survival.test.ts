/** What is left when a browser's storage fails: what was lost is told, what is entered stays. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { enter, go, type } from './support/app.ts';
import { draftKept } from './support/app-store.ts';
import { drained, kept, ready, status } from './support/device.ts';
import { followMessages } from './support/messages.ts';
import { scenario } from './support/scenario.ts';
import { until } from './support/until.ts';

/** How large the file is that keeps room free. */
const reserved = async () => {
  const files = await navigator.storage.getDirectory();
  return (await (await files.getFileHandle('reserve', { create: true })).getFile()).size;
};

/** The page has kept the mark of a store in which so many entries wait. */
const marked = (page: Page, waiting: number) =>
  until(
    `the mark says ${waiting}`,
    () => page.evaluate(() => document.cookie),
    cookies => new RegExp(`fieldsync-store[^=]*=[^.;]+\\.${waiting}\\b`).test(cookies),
  );

scenario(
  'a store that the browser removed is told of, until the person has taken note',
  async ({ device }) => {
    const page = await device.install();
    await kept(page, 'canary');
    await page.evaluate(() => globalThis.fieldsync?.pause());
    for (const unit of ['U1', 'U2']) await enter(page, { property: 'P-1', unit, value: '1' });
    await marked(page, 2);

    // As the browser does when room runs out: all of an origin's storage, at once, and no cookie.
    await device.closePages();
    await device.evict(await device.visit('/api/openapi.json'));

    const again = await device.install();
    const told = again.getByText('2 entries waited when the app was last open.');
    await told.first().waitFor();
    assert.equal((await status(again)).queueSize, 0);
    await go(again, '/sync/health');
    const heading = again.getByRole('heading', {
      name: 'The browser removed what was stored on this device',
    });
    await heading.waitFor();
    // It stays until somebody has read it.
    await again.reload();
    await ready(again);
    await heading.waitFor();
    await again.locator('fs-health').getByRole('button', { name: 'I understand' }).click();
    await heading.waitFor({ state: 'hidden' });
    await again.reload();
    await ready(again);
    await marked(again, 0);
    await again.getByRole('heading', { name: 'Sync health' }).waitFor();
    assert.equal(await told.count(), 0);
  },
);

scenario(
  'on a full device what is typed is saved, in the room that is kept free for it',
  async ({ device, server }) => {
    const page = await device.install();
    await kept(page, 'canary');
    await until(
      'room is kept',
      () => page.evaluate(reserved),
      size => size === 4 * 1_024 * 1_024,
    );
    // What is kept last, and largest: from then on as much is used as there is.
    await kept(page, 'code-reader', 2);
    await page.evaluate(() => globalThis.fieldsync?.pause());
    // Of what was written a moment ago a browser may not know yet how much room it takes: one that starts anew looks.
    await device.kill();
    await device.boot();
    const anew = await device.visit('/api/openapi.json');
    const usage = await anew.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0);
    await device.kill();
    await device.boot();
    await device.full(usage);

    const full = await device.open();
    await type(full, { property: 'P-1', unit: 'U1', value: '1204', note: 'behind the door' });
    await draftKept(full, 'readings', 'behind the door');
    for (const unit of ['U1', 'U2', 'U3']) await enter(full, { property: 'P-1', unit, value: '1204' });
    assert.equal((await status(full)).queueSize, 3);

    // The person has made some room.
    await device.full(usage + 64 * 1_024 * 1_024);
    await full.evaluate(() => globalThis.fieldsync?.resume());
    await drained(full);
    assert.equal(server.readings().length, 3);
  },
);

scenario('without room for one more byte the form stays, and says what to do', async ({ device }) => {
  const page = await device.install();
  await page.evaluate(() => globalThis.fieldsync?.pause());
  await device.kill();
  await device.boot();
  await device.full(1);
  const full = await device.open();
  await type(full, { property: 'P-1', unit: 'U1', value: '1204' });
  await full.getByRole('button', { name: 'Save reading' }).click();
  await full.getByText('This device has no room left. Free some space and save again').waitFor();
  assert.equal(await full.getByLabel('Value', { exact: true }).inputValue(), '1204');
  assert.equal((await status(full)).queueSize, 0);
});

scenario(
  'the browser is asked to keep what is stored once something is saved, and not again',
  async ({ device }) => {
    const page = await device.install();
    await kept(page, 'canary');
    // How often it is asked; it answers itself, and without a window always no.
    await page.evaluate(() => {
      const { storage } = navigator;
      const persist = storage.persist.bind(storage);
      storage.persist = () => {
        document.documentElement.dataset.asked = `${Number(document.documentElement.dataset.asked ?? 0) + 1}`;
        return persist();
      };
    });
    const asked = () => page.evaluate(() => document.documentElement.dataset.asked);
    await page.evaluate(() => globalThis.fieldsync?.pause());
    assert.equal(await asked(), undefined, 'there is nothing to lose');
    await enter(page, { property: 'P-1', unit: 'U1', value: '1' });
    await until('it is asked', asked, times => times === '1');
    await enter(page, { property: 'P-1', unit: 'U2', value: '1' });
    await marked(page, 2);
    assert.equal(await asked(), '1', 'and refuses');
    await page.reload();
    await ready(page);
    await marked(page, 2);
    assert.equal(await page.evaluate(() => localStorage.getItem('fieldsync.persist')), 'asked');

    await go(page, '/sync/settings');
    await page.getByText('Not protected yet.').waitFor();
    const said = await followMessages(page);
    await page.getByRole('button', { name: 'Protect it' }).click();
    await said('The browser did not agree.');
    assert.equal(await page.evaluate(() => navigator.storage.persisted()), false);
  },
);
