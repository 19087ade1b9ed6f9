/** The queue page: find, look into, discard and undo, correct, save as a file; with the keyboard too. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Fieldsync } from '../../www/lib/client.ts';
import type { Item, Reading } from '../../www/lib/generated.ts';
import { enter } from './support/app.ts';
import { accessible } from './support/axe.ts';
import { items, kept, ready } from './support/device.ts';
import { enterField } from './support/field.ts';
import { followMessages } from './support/messages.ts';
import { scenario } from './support/scenario.ts';

scenario('an item is found, looked into, discarded and had back', async ({ device }) => {
  const page = await device.install();
  await device.online(page, false);
  await enterField(page, 40);
  await enter(page, { property: 'P-1', unit: 'Attic', value: '77', note: '<b>wet</b>' });
  await page.goto(new URL('/sync/queue', page.url()).href);
  await ready(page);
  await page.getByText('41 items, newest first').waitFor();
  await accessible(page);
  await page.getByLabel('Search the queue').fill('attic wet');
  await page.getByText('1 of 41').waitFor();
  await page.getByRole('link', { name: /Attic/ }).click();
  await page.getByRole('heading', { name: 'What happened' }).waitFor();
  await page.getByText('<b>wet</b>').waitFor();
  await accessible(page);
  await page.getByRole('button', { name: 'Discard' }).click();
  await page.getByRole('dialog').getByText('never sent').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click();
  await page.getByText('Discarded P-1 · Attic: 77.').waitFor();
  assert.equal((await items(page, 'queue')).length, 40);
  const said = await followMessages(page);
  await page.getByRole('button', { name: 'Undo' }).click();
  await said('It is back in the queue.');
  const back = (await items(page, 'queue')).find(item => (item.data as { unit?: string }).unit === 'Attic');
  assert.ok(back);
  await page.getByRole('link', { name: 'Correct' }).click();
  await page.getByText('Correcting a reading').waitFor();
  assert.equal(await page.getByLabel('Value', { exact: true }).inputValue(), '77');
});

scenario('filters narrow the queue, and what is unsent is saved as a file', async ({ device }) => {
  const page = await device.install();
  for (const part of ['carry', 'save-file']) await kept(page, part);
  await kept(page, 'vault', 2);
  await device.online(page, false);
  await enterField(page, 60);
  const all = await items(page, 'queue');
  const assessments = all.filter(item => item.type === 'ASSESSMENT').length;
  await page.goto(new URL('/sync/queue', page.url()).href);
  await ready(page);
  await page.getByLabel('Type').selectOption('ASSESSMENT');
  await page.getByText(`${assessments} of 60`).waitFor();
  await page.getByLabel('State').selectOption('conflict');
  await page.getByText('Nothing like that in the queue').waitFor();
  await accessible(page);
  await page.getByRole('button', { name: 'Show all of it' }).click();
  await page.getByText('60 items, newest first').waitFor();
  await page.getByRole('link', { name: 'To another device' }).click();
  await page.getByText('Save a file that anybody can read').click();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save without a passphrase' }).click();
  const file = await download;
  assert.match(file.suggestedFilename(), /^fieldsync-unsent-.*\.json$/);
  const saved = JSON.parse(readFileSync(await file.path(), 'utf8')) as { items: Item[] };
  assert.deepEqual(new Set(saved.items.map(item => item.id)), new Set(all.map(item => item.id)));
});

scenario('on a desktop J and K walk the list beside the detail', async ({ device }) => {
  const page = await device.install();
  await page.setViewportSize({ width: 1280, height: 800 });
  await device.online(page, false);
  await enterField(page, 30);
  const [newest, second] = await items(page, 'queue');
  await page.goto(new URL('/sync/queue', page.url()).href);
  await ready(page);
  await page.getByText('30 items, newest first').waitFor();
  const shown = (item: Item | undefined) => page.locator(`a[data-id="${item?.id}"][aria-current="true"]`);
  await page.getByRole('heading', { level: 1 }).click();
  await page.keyboard.press('j');
  await shown(newest).waitFor();
  await page.keyboard.press('j');
  await shown(second).waitFor();
  await page
    .getByText(second?.id ?? '-')
    .first()
    .waitFor();
  await accessible(page);
  await page.keyboard.press('k');
  await shown(newest).waitFor();
  await page.keyboard.press('Escape');
  await page.getByText('Nothing chosen').waitFor();
  await page.keyboard.press('/');
  assert.equal(await page.getByLabel('Search the queue').evaluate(field => field.matches(':focus')), true);
});

scenario(
  'a hundred thousand items can be scrolled through, and few are in the document',
  async ({ device }) => {
    const page = await device.install();
    await device.online(page, false);
    await enter(page, { property: 'P-1', unit: 'U1', value: '1' });
    await page.goto(new URL('/sync', page.url()).href);
    await ready(page);
    // The engine's list seems to have so many items, the newest first.
    await page.evaluate(async length => {
      const client = globalThis.fieldsync as Fieldsync;
      const [one] = (await client.list({ limit: 1 })).items;
      const ids = {
        of(n: number) {
          return `01930000-0000-7000-8000-${String(n).padStart(12, '0')}`;
        },
      };
      client.list = ({ limit = 100, before } = {}) => {
        const end = before ? Number(before.slice(24)) : length;
        const start = Math.max(0, end - limit);
        const items = Array.from({ length: end - start }, (_, k) => {
          const n = end - 1 - k;
          const data = { ...(one?.data as Reading), unit: `N${n}` };
          return { ...(one as Item), id: ids.of(n), data };
        });
        return Promise.resolve({ items, ...(start > 0 ? { next: ids.of(start) } : {}) });
      };
    }, 100_000);
    await page.getByRole('link', { name: /^Queue/ }).click();
    const links = page.locator('fs-rows a');
    await links.first().waitFor();
    // Each time to the end of what is there, as a thumb does.
    await page.evaluate(async () => {
      const list = {
        get end() {
          const queue = document.querySelector('fs-app')?.shadowRoot?.querySelector('fs-queue')?.shadowRoot;
          return queue?.querySelector('fs-rows')?.shadowRoot?.querySelector('[aria-posinset="100000"]');
        },
      };
      while (!list.end) {
        scrollTo({ top: document.documentElement.scrollHeight });
        await new Promise(resolve => requestAnimationFrame(resolve));
      }
    });
    await page.getByRole('link', { name: /^P-1 · N0 / }).waitFor();
    const shown = await links.count();
    assert.ok(shown < 80, `${shown} rows are in the document`);
    await page.evaluate(() => scrollTo({ top: 0 }));
    await page.getByRole('link', { name: /^P-1 · N99999 / }).waitFor();
  },
  { seconds: 300 },
);
