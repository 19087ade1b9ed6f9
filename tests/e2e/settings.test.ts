/** The settings page: each change counts at once, can be undone, and is refused in words. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { accessible } from './support/axe.ts';
import { kept, ready } from './support/device.ts';
import { scenario } from './support/scenario.ts';
import { until } from './support/until.ts';

/** Types into a field, in place of what it holds, and leaves it: that is when it counts. */
async function retype(page: Page, label: string, value: string): Promise<void> {
  await page.getByLabel(label).selectText();
  await page.keyboard.type(value);
  await page.keyboard.press('Tab');
}

const settings = (page: Page) => page.evaluate(() => globalThis.fieldsync?.settings());

scenario('a setting is changed, undone and refused, with the network off', async ({ device }) => {
  const page = await device.install();
  await kept(page, 'settings');
  await device.online(page, false);
  await page.goto(new URL('/sync/settings', page.url()).href);
  await ready(page);
  await page.getByLabel('Only while charging').click();
  await page.getByText('Saved: Only while charging.').waitFor();
  assert.equal((await settings(page))?.syncOnlyWhenCharging, true);
  await page.getByRole('button', { name: 'Undo' }).click();
  await until(
    'it is undone',
    () => settings(page),
    seen => seen?.syncOnlyWhenCharging === false,
  );
  await retype(page, 'Wait below', '101');
  await page.getByRole('alert').filter({ hasText: '100' }).waitFor();
  assert.equal((await settings(page))?.minimumBatteryLevel, 20);
  await accessible(page);
  await retype(page, 'Wait below', '35');
  await page.getByText('Saved: Wait below.').waitFor();
  assert.equal((await settings(page))?.minimumBatteryLevel, 35);
  await page.getByLabel('When the server has something else').selectOption('keepMine');
  await until(
    'the policy is kept',
    () => settings(page),
    seen => seen?.conflictPolicy === 'keepMine',
  );
  await page
    .getByText(/of .* used/)
    .first()
    .waitFor();
});

scenario('the look that was chosen stays after a reload', async ({ device }) => {
  const page = await device.install();
  await page.goto(new URL('/sync/settings', page.url()).href);
  const chosen = () => page.evaluate(() => document.documentElement.dataset.theme);
  await page.getByRole('radio', { name: /Sunlight/ }).check();
  assert.equal(await chosen(), 'sunlight');
  await page.reload();
  await page.getByRole('radio', { name: /Sunlight/, checked: true }).waitFor();
  assert.equal(await chosen(), 'sunlight');
  await page.getByRole('radio', { name: /As the system/ }).check();
  assert.equal(await chosen(), undefined);
});
