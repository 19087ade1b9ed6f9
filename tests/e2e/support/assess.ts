/** Assessments as a person makes them: by links, labels and buttons. */
import type { Locator, Page } from 'playwright-core';
import { type Device, kept, ready } from './device.ts';

/** Opens the app for the first time, and waits until its forms are kept too. */
export async function installed(device: Device): Promise<Page> {
  const page = await device.install();
  for (const name of ['assess', 'filling']) await kept(page, name);
  return page;
}

/** Chooses a form. */
export async function choose(page: Page, form: string): Promise<void> {
  await page.getByRole('link', { name: 'Assess', exact: true }).click();
  await page.getByRole('link', { name: new RegExp(`^${form}`) }).click();
  await page.getByRole('heading', { level: 1, name: form }).waitFor();
}

/** A question whose answers are fields of their own. */
export const group = (page: Page, name: RegExp): Locator => page.getByRole('group', { name });

export const answer = async (page: Page, question: RegExp, option: string): Promise<void> =>
  group(page, question).getByLabel(option, { exact: true }).check();

/** Saves the form, and waits until the app says so. */
export async function save(page: Page, what: 'assessment' | 'response'): Promise<void> {
  await page.getByRole('button', { name: `Save ${what}` }).click();
  await page.getByRole('heading', { level: 1, name: 'Saved' }).waitFor();
}

/** Goes to a page by its address. */
export async function visit(page: Page, path: string): Promise<void> {
  await page.goto(new URL(path, page.url()).href);
  await ready(page);
}
