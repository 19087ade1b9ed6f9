/** A browser without Background Sync, as Firefox and Safari are: the same ends by other triggers. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { drained, ready } from './support/device.ts';
import { addUp, arrivedOnce, enterField, followProgress } from './support/field.ts';
import { scenario, type World } from './support/scenario.ts';
import { until } from './support/until.ts';

const COUNT = 200;
const FEW = 20;
/** A worker that takes itself for offline a moment longer than its page looks again after a minute: no sync event sees to that. */
const NONE = { backgroundSync: false, seconds: 240 };

/** Neither page nor worker has Background Sync; else these scenarios would show nothing. */
async function hasNone({ device }: World, page: Page): Promise<void> {
  const inPage = await page.evaluate(async () => 'sync' in (await navigator.serviceWorker.ready));
  if (device.browser === 'firefox') return assert.equal(inPage, false);
  const inWorker = await device
    .worker()
    .evaluate(() => 'sync' in (self as unknown as { registration: ServiceWorkerRegistration }).registration);
  assert.deepEqual([inPage, inWorker], [false, false]);
}

scenario(
  'without Background Sync 200 mixed items arrive once when the network comes back',
  async world => {
    const { server, device } = world;
    const page = await device.install();
    await hasNone(world, page);
    await device.online(page, false);
    await enterField(page, COUNT);
    const progress = await followProgress(page);
    await device.online(page, true);
    await drained(page);
    await addUp(progress, COUNT);
    await arrivedOnce(server, page, COUNT);
  },
  NONE,
);

scenario(
  'without Background Sync they arrive once when the page is shown that was hidden as the network came back',
  async world => {
    const { server, device } = world;
    const page = await device.install();
    await hasNone(world, page);
    // A page that the browser has frozen hears nothing of the network: the first listener sees to that.
    await page.addInitScript(() => {
      const { connection } = navigator as unknown as { connection?: EventTarget };
      addEventListener('online', event => event.stopImmediatePropagation());
      connection?.addEventListener('change', event => event.stopImmediatePropagation());
    });
    await page.reload();
    await ready(page);
    await device.online(page, false);
    await enterField(page, FEW);
    await device.show(page, false);
    await device.online(page, true);
    await device.show(page, true);
    await drained(page);
    await arrivedOnce(server, page, FEW);
  },
  NONE,
);

scenario(
  'without Background Sync they arrive once with the app closed, when a page without an engine is opened',
  async world => {
    const { server, device } = world;
    const page = await device.install();
    await hasNone(world, page);
    await device.online(page, false);
    await enterField(page, FEW);
    await device.endWorkers(page);
    const blank = await device.closePages();
    await device.online(blank, true);
    assert.equal(server.receipts().length, 0);
    await device.visit('/demo/qr');
    await until(
      'they arrive',
      () => server.receipts().length,
      count => count === FEW,
      60,
    );
    const again = await device.open();
    await drained(again);
    await arrivedOnce(server, again, FEW);
  },
  NONE,
);
