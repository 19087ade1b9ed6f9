/** The app as a person uses it: by labels, fields and buttons. */
import type { Locator, Page } from 'playwright-core';
import { until } from './until.ts';

export interface Entry {
  property: string;
  unit: string;
  meter?: string;
  value: string;
  note?: string;
}

/** The fields of what is printed on a meter. */
export const codes = (page: Page): [Locator, Locator, Locator] => [
  page.getByLabel('Property', { exact: true }),
  page.getByLabel('Unit', { exact: true }),
  page.getByLabel('Meter (optional)', { exact: true }),
];

/** Waits until a field holds this: what was kept comes into a form a moment after the form itself. */
export const holds = (field: Locator, text: string) =>
  until(
    `a field holds ${text}`,
    () => field.inputValue(),
    seen => seen === text,
  );

/** Fills in these. */
export async function typeCodes(
  page: Page,
  { property, unit, meter = '' }: Pick<Entry, 'property' | 'unit' | 'meter'>,
): Promise<void> {
  const values = [property, unit, meter];
  for (const [n, field] of codes(page).entries()) await field.fill(values[n] ?? '');
}

/** Fills in the form. */
export async function type(page: Page, entry: Entry): Promise<void> {
  await typeCodes(page, entry);
  await page.getByLabel('Value', { exact: true }).fill(entry.value);
  if (entry.note) await page.getByLabel('Note (optional)').fill(entry.note);
}

/** Types over what is in a field: in every browser only what comes by keys is a person's own change. */
export async function typeOver(field: Locator, text: string): Promise<void> {
  await field.press('Control+a');
  await field.pressSequentially(text);
}

/** Enters a reading and waits until the app says that it is saved. */
export async function enter(page: Page, entry: Entry): Promise<void> {
  await type(page, entry);
  await page.getByRole('button', { name: 'Save reading' }).click();
  const said = page
    .getByRole('status')
    .filter({ hasText: 'Saved on this device' })
    .filter({ hasText: entry.unit });
  await said.waitFor();
}

/** Enters so many readings of one property, each of another unit, and answers the units. */
export async function enterMany(page: Page, count: number, first = 1): Promise<string[]> {
  const units = Array.from({ length: count }, (_, n) => `U${String(n + first).padStart(3, '0')}`);
  for (const unit of units)
    await enter(page, { property: 'P-1', unit, meter: 'water', value: `${100 + units.indexOf(unit)}` });
  return units;
}

/** Goes to a page of the app from within, as its links do. */
export const go = (page: Page, path: string) =>
  page.evaluate(to => {
    history.pushState(null, '', to);
    dispatchEvent(new Event('fs-moved'));
  }, path);

/** The list's rows in this state. */
export const rows = (page: Page, state: string) => page.locator(`[data-state="${state}"]`);

/** The month that the form suggests. */
export const thisMonth = () => {
  const now = new Date();
  return `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, '0')}`;
};

/** Looks for a new version, as the browser does by itself now and then. */
export const lookForUpdate = (page: Page) =>
  page.evaluate(async () => void (await (await navigator.serviceWorker.ready).update()));
