/** The app in Arabic: its words, from right to left, its numbers and forms of number; and kept for use offline. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { holds } from './support/app.ts';
import { draftKept } from './support/app-store.ts';
import { accessible } from './support/axe.ts';
import { kept, ready } from './support/device.ts';
import { enterField } from './support/field.ts';
import { scenario } from './support/scenario.ts';

const root = (page: Page) =>
  page.evaluate(() => [document.documentElement.lang, document.documentElement.dir].join(' '));
const at = (page: Page, path: string) => page.goto(new URL(path, page.url()).href);

/** Fills in the form, by its Arabic labels. */
async function enterArabic(page: Page, unit: string, value: string): Promise<void> {
  await page.getByLabel('العقار', { exact: true }).fill('P-1');
  await page.getByLabel('الوحدة', { exact: true }).fill(unit);
  await page.getByLabel('القيمة', { exact: true }).fill(value);
  await page.getByRole('button', { name: 'حفظ القراءة' }).click();
  await page
    .getByRole('status')
    .filter({ hasText: 'حُفظ على هذا الجهاز' })
    .filter({ hasText: unit })
    .waitFor();
}

scenario('Arabic is chosen in the settings, and stays with the network off', async ({ device }) => {
  const page = await device.install();
  assert.equal(await root(page), 'en-US ltr');
  await kept(page, 'settings');
  const files = await page.evaluate(async () =>
    (await (await caches.open('fieldsync-later')).keys()).map(({ url }) => url),
  );
  assert.equal(files.filter(url => /\/ar-/.test(url)).length, 0, 'who speaks English keeps no other words');
  await page.getByLabel('Note (optional)').fill('typed before');
  await draftKept(page, 'readings', 'typed before');
  await at(page, '/sync/settings');
  // A click: the page is loaded anew at once, and nobody is left to say that it was checked.
  await page.getByRole('radio', { name: 'العربية' }).click();
  await page.getByRole('heading', { level: 1, name: 'الإعدادات' }).waitFor();
  assert.equal(await root(page), 'ar rtl');
  await accessible(page);
  await kept(page, 'ar');
  await kept(page, 'engine-words');
  await device.online(page, false);
  await at(page, '/');
  await ready(page);
  await holds(page.getByLabel('ملاحظة (اختياري)'), 'typed before');
  for (const unit of ['U1', 'U2', 'U3']) await enterArabic(page, unit, '١٢٫٥');
  const values = await page.evaluate(async () =>
    (await globalThis.fieldsync?.list())?.items.map(item => (item.data as { value: number }).value),
  );
  assert.deepEqual(values, [12.5, 12.5, 12.5]);
  await page.getByText('في انتظار اتصال').first().waitFor();
  await accessible(page);
  await at(page, '/sync/settings');
  await page.getByRole('radio', { name: 'English' }).click();
  await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
  assert.equal(await root(page), 'en-US ltr');
});

scenario(
  'who has an Arabic system sees Arabic from the first load, with its digits and its six forms',
  async ({ device }) => {
    const page = await device.install();
    assert.equal(await root(page), 'ar-EG rtl');
    for (const name of ['ar', 'engine-words', 'settings']) await kept(page, name);
    await device.online(page, false);
    for (const [count, words] of [
      [1, 'عنصر واحد'],
      [2, 'عنصران'],
      [5, '٥ عناصر'],
      [11, '١١ عنصرًا'],
      [100, '١٠٠ عنصر'],
    ] as const) {
      const there = await page.evaluate(async () => (await globalThis.fieldsync?.status())?.queueSize ?? 0);
      await enterField(page, count - there, there);
      await at(page, '/sync/queue');
      await page
        .getByRole('status')
        .filter({ hasText: new RegExp(`^${words}(،|$)`) })
        .waitFor();
    }
    await accessible(page);
    await page.locator('fs-rows a').first().click();
    await page.getByRole('heading', { name: 'ما الذي حدث' }).waitFor();
    await accessible(page);
    assert.equal(
      await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
      true,
      'nothing sticks out at the side',
    );
  },
  { locale: 'ar-EG' },
);

scenario(
  'a language of which not all words can be loaded is not spoken by halves',
  async ({ server, device }) => {
    server.lose('engine-words');
    const page = await device.install();
    assert.equal(await root(page), 'en-GB ltr');
    await enterField(page, 2);
    await at(page, '/sync/queue');
    await page.getByRole('heading', { level: 1, name: 'Queue' }).waitFor();
  },
  { locale: 'ar-EG', copy: true },
);
