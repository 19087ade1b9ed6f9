/** Figures and history: what each sync carried and cost, offline too. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { enter, go } from './support/app.ts';
import { accessible } from './support/axe.ts';
import { drained, kept, ready, status } from './support/device.ts';
import { enterField } from './support/field.ts';
import { pause } from './support/many.ts';
import { scenario } from './support/scenario.ts';
import { badge, checked, pretend, scenario as withChecks } from './support/scheduler.ts';
import { until } from './support/until.ts';

/** Waits until all is sent, and it is kept how that went. */
async function settled(page: Page): Promise<void> {
  await drained(page, 90);
  await until(
    'the sync has settled',
    () => status(page),
    ({ isActive }) => !isActive,
  );
}

scenario('figures of a sync are drawn, erased and switched off', async ({ device }) => {
  const page = await device.install();
  await pause(page, true); // all of it in one sync, however long the entering takes
  await enterField(page, 40);
  await pause(page, false);
  await settled(page);
  await kept(page, 'metrics');
  await device.online(page, false);
  await page.goto(new URL('/sync/metrics', page.url()).href);
  await ready(page);
  await page.getByText('40 sent').waitFor();
  await page.locator('fs-plot canvas').first().waitFor();
  await accessible(page);
  await page.getByText('The numbers').first().click();
  await page.getByRole('cell', { name: '40' }).first().waitFor();
  await page.getByRole('button', { name: 'Erase them' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Erase', exact: true }).click();
  await page.getByText('No figures yet').waitFor();
  await page.getByRole('switch', { name: /Keep figures/ }).uncheck();
  await page.getByText('They are switched off').waitFor();
  const settings = await page.evaluate(() => globalThis.fieldsync?.settings());
  assert.equal(settings?.metrics, false);
});

scenario('the history names what a sync has sent, and leads to its receipt', async ({ device }) => {
  const page = await device.install();
  await enter(page, { property: 'P-1', unit: 'U1', value: '17' });
  await settled(page); // how it ends is told anew
  await page.goto(new URL('/sync/history', page.url()).href);
  await ready(page);
  await page.getByText('1 sent').click();
  await accessible(page);
  await page.getByRole('link', { name: 'P-1 · U1' }).click();
  await page.getByText('Confirmed by the server').waitFor();
});

withChecks(
  'the history tells of checks, and of those in a row that came to the same at once',
  async ({ device }) => {
    const page = await device.install();
    await checked(page, (await checked(page)).lastRun ?? 0);
    await pretend(page, 'sync:test:force-status', true);
    await badge(page, 'needed');
    await go(page, '/sync/history');
    await page.getByText(/^Checked \d+ times since .*; in step with your other devices$/).waitFor();
    await page.getByText(/^Checked.*; this device needs a sync$/).waitFor();
    await page.getByText('No sync yet').waitFor();
    await accessible(page);
    await device.fail('/api/sync/devices');
    await page.getByText('A check failed').waitFor();
    await page.getByText(/^\d+ checks failed since/).waitFor();
  },
);
