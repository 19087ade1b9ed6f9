/** Stock Firefox, which has no Background Sync: the same state in the end, by other triggers. */
import assert from 'node:assert/strict';
import { drained } from '../support/device.ts';
import { addUp, arrivedOnce, enterField, followProgress } from '../support/field.ts';
import { inFirefox } from '../support/scenario.ts';
import { until } from '../support/until.ts';

const COUNT = 200;
const FEW = 20;

inFirefox(
  'in Firefox 200 mixed items arrive once when the network comes back',
  async ({ server, device }) => {
    const page = await device.install();
    assert.equal(await page.evaluate(async () => 'sync' in (await navigator.serviceWorker.ready)), false);
    await device.online(page, false);
    await enterField(page, COUNT);
    const progress = await followProgress(page);
    assert.equal(server.receipts().length, 0);
    await device.online(page, true);
    await drained(page);
    addUp(await progress(), COUNT);
    await arrivedOnce(server, page, COUNT);
  },
);

inFirefox(
  'in Firefox they arrive once when the tab comes to the front that was behind as the network came back',
  async ({ server, device }) => {
    const page = await device.install();
    await device.online(page, false);
    await enterField(page, FEW);
    // It hears nothing of the network.
    await page.evaluate(() => {
      addEventListener('online', event => event.stopImmediatePropagation(), { capture: true });
    });
    const front = await device.visit('about:blank');
    await front.show();
    await page.waitFor(() => document.visibilityState === 'hidden');
    await device.online(front, true);
    await page.show();
    await drained(page);
    await arrivedOnce(server, page, FEW);
  },
);

inFirefox(
  'in Firefox they arrive once with the app closed, when a page without an engine is opened',
  async ({ server, device }) => {
    const page = await device.install();
    await device.online(page, false);
    await enterField(page, FEW);
    const blank = await device.visit('about:blank');
    await page.close();
    await device.online(blank, true);
    assert.equal(server.receipts().length, 0);
    await device.visit('/demo/qr');
    await until(
      'they arrive',
      () => server.receipts().length,
      count => count === FEW,
    );
    const again = await device.open();
    await drained(again);
    await arrivedOnce(server, again, FEW);
  },
);
