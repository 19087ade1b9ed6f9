/** WebKitGTK, the engine of Safari: the app starts, saves offline, sends when the network is back, and counts what waits. */
import assert from 'node:assert/strict';
import type { Fieldsync } from '../../../www/lib/client.ts';
import { inWebKit } from '../support/scenario.ts';
import { until } from '../support/until.ts';
import type { WebKit } from '../support/webkit.ts';

const queued = (page: WebKit) =>
  page.evaluate(async () => (await (globalThis.fieldsync as Fieldsync).status()).queueSize);

async function enter(page: WebKit, unit: string, value: string): Promise<void> {
  await page.type('Property', 'P-1');
  await page.type('Unit', unit);
  await page.type('Value', value);
  await page.click('button', 'Save reading');
  await page.sees('[role=status]', 'Saved on this device');
}

inWebKit(
  'in WebKit the app starts, saves offline, counts what waits, starts again offline and sends',
  async ({ server, device: page }) => {
    await page.open();
    assert.equal(await page.evaluate(() => navigator.language), 'C', 'no language that Intl knows');
    const missing = await page.evaluate(async () => [
      'sync' in (await navigator.serviceWorker.ready),
      'connection' in navigator,
      'getBattery' in navigator,
    ]);
    assert.deepEqual(missing, [false, false, false], 'what WebKit does not have');
    await page.waitFor(() => navigator.serviceWorker.controller !== null);
    page.online(false);
    await page.waitFor(() => !navigator.onLine);
    await enter(page, 'U1', '12,5');
    await page.sees('p', 'Offline · 1 waiting');
    await page.open();
    await enter(page, 'U2', '7');
    await page.sees('p', 'Offline · 2 waiting');
    assert.equal(await queued(page), 2);
    assert.equal(server.receipts().length, 0);
    page.online(true);
    await until(
      'the queue drains',
      () => queued(page),
      size => size === 0,
      // A worker that takes itself for offline a moment longer than its page looks again after a minute.
      90,
    );
    await page.sees('p', 'Online');
    assert.deepEqual(
      server
        .readings()
        .map(({ data }) => [data?.unit, data?.value])
        .sort(),
      [
        ['U1', 12.5],
        ['U2', 7],
      ],
    );
    assert.equal(server.receipts().length, 2);
  },
);
