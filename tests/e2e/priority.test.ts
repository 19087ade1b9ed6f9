/** What goes first, and the rules that say so: tried against the queue before they are saved. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { accessible } from './support/axe.ts';
import { items, kept, ready } from './support/device.ts';
import { enterField } from './support/field.ts';
import { scenario } from './support/scenario.ts';
import { until } from './support/until.ts';

const rules = (page: Page) => page.evaluate(() => globalThis.fieldsync?.rules());

scenario('what waits is counted by urgency, and what goes next is listed', async ({ device }) => {
  const page = await device.install();
  await kept(page, 'priority');
  await device.online(page, false);
  await enterField(page, 60);
  const high = (await items(page, 'queue')).filter(item => item.urgency === 'HIGH').length;
  await page.goto(new URL('/sync/priority', page.url()).href);
  await ready(page);
  await page.getByRole('heading', { name: 'The next 20 to go' }).waitFor();
  await page.getByText(new RegExp(`^${high} · `)).waitFor();
  await accessible(page);
  await page.locator('fs-rows a').first().click();
  await page.getByRole('heading', { name: 'What happened' }).waitFor();
});

scenario('a rule is added, refused, corrected, tried, saved and undone', async ({ device }) => {
  const page = await device.install();
  await kept(page, 'rules');
  await device.online(page, false);
  await enterField(page, 30);
  await page.goto(new URL('/sync/rules', page.url()).href);
  await ready(page);
  await page.getByRole('heading', { name: 'Health Emergency Priority' }).waitFor();
  await accessible(page);
  await page.getByRole('button', { name: 'Add a rule' }).click();
  await page.getByRole('button', { name: 'Save the rules' }).click();
  await page.getByRole('alert').filter({ hasText: 'Enter a name' }).waitFor();
  await page.getByLabel('Name', { exact: true }).fill('Readings first');
  await page.getByLabel('Points').selectText();
  await page.keyboard.type('100');
  await page.getByRole('button', { name: 'Add a condition' }).click();
  await page.getByLabel('Value, condition 1').selectOption('READING');
  await accessible(page);
  await page.getByRole('button', { name: 'Try on the queue' }).click();
  await page.getByText(/would go sooner and 0 later/).waitFor();
  assert.equal((await rules(page))?.length, 2, 'trying keeps nothing');
  await page.getByRole('button', { name: 'Save the rules' }).click();
  await page.getByText('Saved. What waits is ranked by them.').waitFor();
  assert.deepEqual(
    (await rules(page))?.map(({ name, points }) => [name, points]),
    [
      ['Health Emergency Priority', 25],
      ['High Population Impact', 20],
      ['Readings first', 100],
    ],
  );
  await page.getByRole('button', { name: 'Undo' }).click();
  await until(
    'the rules are as before',
    () => rules(page),
    seen => seen?.length === 2,
  );
  // The page takes them over once they are kept; what is moved before that would be as it was again.
  await page.getByRole('heading', { name: 'Readings first' }).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Move down: Health Emergency Priority' }).click();
  await page.getByRole('switch', { name: 'High Population Impact' }).uncheck();
  await page.getByRole('button', { name: 'Save the rules' }).click();
  await until(
    'they are in another order',
    () => rules(page),
    seen => seen?.[0]?.name === 'High Population Impact' && !seen[0].on,
  );
});
