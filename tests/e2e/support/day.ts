/** What comes up in the course of a day, whatever is done on it; told and looked at on the app's screens alone. */
import type { Page } from 'playwright-core';
import { lookForUpdate } from './app.ts';
import { type Device, ready } from './device.ts';
import type { Server } from './server.ts';
import { atMost, until } from './until.ts';

/** How long the way back into coverage may take, with pauses after what did not go well. Seconds. */
const EVENING = 180;
/** A new version waits until the one before has ended, which is for half a minute where something woke that again. Milliseconds. */
const SWITCH = atMost(90);

/** Waits until the start page says that so many entries wait. */
export const waiting = (page: Page, count: number) =>
  page.getByRole('heading', { name: `Not yet on the server · ${count}`, exact: true }).waitFor();

/** Ends the browser as a crash would, and opens the app again. */
export async function killed(device: Device): Promise<Page> {
  await device.kill();
  await device.boot();
  return device.open();
}

/**
 * The network comes for a moment: what waits is sent, but the answer is lost; and a new version of the app comes, which the
 * person switches to.
 */
export async function noon(server: Server, device: Device, page: Page): Promise<void> {
  server.newVersion();
  const { given } = await server.holdNextAnswer();
  await device.online(page, true);
  await given;
  await lookForUpdate(page);
  await page.getByText('A new version is ready.').waitFor({ timeout: SWITCH });
  server.reachable(false);
  const reloaded = page.waitForEvent('load', { timeout: SWITCH });
  await page.getByRole('button', { name: 'Reload' }).click();
  await reloaded;
  await ready(page);
  await device.online(page, false);
  server.release();
  server.reachable(true);
}

/**
 * Back into coverage, until the sync centre says that nothing waits; then so many receipts are there. Where pings are slow, as on
 * a busy machine, photos wait for a better link, and the person does what the app says: they ask for a sync.
 */
export async function evening(device: Device, page: Page, receipts: number): Promise<void> {
  await page.getByRole('link', { name: /^Sync/ }).click();
  await device.online(page, true);
  const done = page.getByRole('heading', { level: 1, name: 'Everything is on the server' });
  const advice = page.getByText('Sync now sends them').first();
  await until(
    'everything is on the server',
    async () => {
      if (await advice.isVisible()) await page.keyboard.press('s');
      return done.isVisible();
    },
    Boolean,
    EVENING,
  );
  await page.getByRole('link', { name: /^Receipts/ }).click();
  await page.getByText(`${receipts} receipts, newest entries first`).waitFor();
}
