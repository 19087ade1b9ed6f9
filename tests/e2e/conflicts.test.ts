/** The conflicts page: both sides field by field, one side whole or each field from either. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { Reading } from '../../www/lib/generated.ts';
import { enter, thisMonth } from './support/app.ts';
import { accessible } from './support/axe.ts';
import { anotherDevice, drained, items, kept, ready, status } from './support/device.ts';
import { followMessages } from './support/messages.ts';
import { scenario } from './support/scenario.ts';
import { until } from './support/until.ts';

const theirs = (page: Page, unit: string, value: number) =>
  anotherDevice(page, { property: 'P-1', unit, meter: 'water', period: thisMonth(), value, note: 'theirs' });

scenario(
  'a conflict is settled field by field, and the server has what was chosen',
  async ({ server, device }) => {
    const page = await device.install();
    await page.evaluate(() => globalThis.fieldsync?.pause());
    await enter(page, { property: 'P-1', unit: 'U1', meter: 'water', value: '250', note: 'mine' });
    await enter(page, { property: 'P-1', unit: 'U2', meter: 'water', value: '300', note: 'mine' });
    await theirs(page, 'U1', 100);
    await theirs(page, 'U2', 111);
    await page.evaluate(() => globalThis.fieldsync?.resume());
    await until(
      'both clash',
      () => status(page),
      ({ totals }) => totals.conflict === 2,
      90,
    );
    await page.goto(new URL('/sync/conflicts', page.url()).href);
    await ready(page);
    await page.getByText('2 conflicts', { exact: true }).waitFor();
    await accessible(page);
    await page.getByRole('link', { name: /U1/ }).click();
    await page.getByRole('heading', { name: 'Or choose field by field' }).waitFor();
    const field = (name: string) => page.getByRole('group', { name, exact: true });
    await field('Value').getByText('250').waitFor();
    await accessible(page);
    // The first choice counts for every field; then the note is taken from the other side.
    await field('Value').getByText('250').click();
    await field('Note').getByText('theirs').click();
    const said = await followMessages(page);
    await page.getByRole('button', { name: 'Save this choice' }).click();
    await said('What you chose takes the place of the server’s');
    await page.getByRole('link', { name: /U2/ }).click();
    await page.getByRole('button', { name: 'Keep the server’s' }).click();
    await page.getByText('No conflicts').waitFor();
    await drained(page, 90);
    const found = server.readings().map(({ data, version }) => [data?.unit, data?.value, version]);
    assert.deepEqual(found.sort(), [
      ['U1', 250, 2],
      ['U2', 111, 1],
    ]);
    const done = await items(page, 'done');
    const merged = done
      .map(item => item.data as Reading)
      .find(({ unit, note }) => unit === 'U1' && note === 'theirs');
    assert.equal(merged?.value, 250);
  },
);

scenario('every receipt can be found and looked into, offline too', async ({ device }) => {
  const page = await device.install();
  await kept(page, 'receipts');
  for (const unit of ['Cellar', 'Attic', 'Hall']) await enter(page, { property: 'P-1', unit, value: '5' });
  await drained(page, 90);
  await device.online(page, false);
  await page.goto(new URL('/sync/receipts', page.url()).href);
  await ready(page);
  await page.getByText('3 receipts, newest entries first').waitFor();
  await accessible(page);
  await page.getByLabel('Search the receipts').fill('attic');
  await page.getByText('1 receipt,').waitFor();
  await page.getByRole('link', { name: /Attic/ }).click();
  await page.getByText('Confirmed by the server').waitFor();
  await page.getByText('Version 1 of the record').waitFor();
  await accessible(page);
});
