/** What the device tells while nobody looks at the app: the number on its icon, and messages that the person agreed to. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { enter, thisMonth } from './support/app.ts';
import { accessible } from './support/axe.ts';
import { anotherDevice, type Device, drained, ready, syncAsked, syncNow } from './support/device.ts';
import { scenario } from './support/scenario.ts';
import { until } from './support/until.ts';

/** Keeps the numbers that are put on the icon; they go on to the browser. */
const watchBadge = (): void => {
  const { navigator } = globalThis as unknown as {
    navigator: { setAppBadge(n: number): Promise<void>; clearAppBadge(): Promise<void> };
  };
  const shown: number[] = [];
  Object.assign(globalThis, { shown });
  const [set, clear] = [navigator.setAppBadge.bind(navigator), navigator.clearAppBadge.bind(navigator)];
  Object.assign(navigator, {
    setAppBadge(n: number) {
      shown.push(n);
      return set(n);
    },
    clearAppBadge() {
      shown.push(0);
      return clear();
    },
  });
};
const shown = () => (globalThis as unknown as { shown: number[] }).shown;

/** A sync event sees to it, which comes when the browser has noticed that there is a network. Seconds. */
const SOON = 90;

/** Switches messages on in the settings, as a person does, and waits until that is kept. */
async function agree(page: Page, ...labels: string[]): Promise<void> {
  await page.goto(new URL('/sync/settings', page.url()).href);
  for (const label of labels) {
    await page.getByLabel(label).click();
    await page.getByRole('switch', { name: label, checked: true }).waitFor();
  }
  await until(
    'what was agreed on is kept',
    () =>
      page.evaluate(async () => {
        const kept = await caches.match('/notices', { cacheName: 'fieldsync-notices' });
        return ((await kept?.json()) as { kinds: string[] } | undefined)?.kinds ?? [];
      }),
    kinds => kinds.length === labels.length,
  );
}

scenario(
  'the icon’s number follows the queue, in the page and with it closed',
  async ({ server, device }) => {
    const page = await device.install();
    await page.evaluate(watchBadge);
    const worker = device.worker();
    await worker.evaluate(watchBadge);
    await device.online(page, false);
    for (const unit of ['U1', 'U2']) await enter(page, { property: 'P-1', unit, value: '1' });
    await until(
      'the page shows two',
      () => page.evaluate(shown),
      numbers => numbers.at(-1) === 2,
    );
    await syncAsked(page);
    await device.closePages();
    // What it has shown before the first entry was a zero too.
    await worker.evaluate(() => {
      (globalThis as unknown as { shown: number[] }).shown.length = 0;
    });
    await device.connect(true);
    await until(
      'the worker takes the number away',
      () => worker.evaluate(shown),
      numbers => numbers.at(-1) === 0,
      SOON,
    );
    assert.equal(server.receipts().length, 2);
  },
  { seconds: 240 },
);

scenario('nobody is told of anything before they have agreed, nor while they look', async ({ device }) => {
  await device.allow('notifications');
  const page = await device.install();
  await device.online(page, false);
  await enter(page, { property: 'P-1', unit: 'U1', value: '1' });
  await device.online(page, true);
  await drained(page);
  await agree(page, 'When all is sent');
  await accessible(page);
  await page.goto(new URL('/', page.url()).href);
  await ready(page);
  await device.online(page, false);
  await enter(page, { property: 'P-1', unit: 'U2', value: '2' });
  await device.online(page, true);
  await drained(page);
  assert.deepEqual(await device.notices(), []);
});

const told = (device: Device, titles: string[]) =>
  until(
    'they are told',
    () => device.notices(),
    seen => JSON.stringify(seen) === JSON.stringify(titles),
    SOON,
  );

scenario(
  'with the app closed a person is told what needs them, and is led there',
  async ({ device }) => {
    await device.allow('notifications');
    const page = await device.install();
    await agree(page, 'When all is sent', 'When you have to choose');
    await page.goto(new URL('/', page.url()).href);
    await ready(page);
    await syncNow(page);
    await device.online(page, false);
    await enter(page, { property: 'P-1', unit: 'U2', value: '7' });
    await syncAsked(page);
    const blank = await device.closePages();
    await device.online(blank, true);
    await told(device, ['Everything is on the server']);

    const again = await device.open();
    const clash = { property: 'P-1', unit: 'U1', meter: 'water', period: thisMonth() };
    await anotherDevice(again, { ...clash, value: 100 });
    await device.online(again, false);
    await enter(again, { ...clash, value: '250' });
    await syncAsked(again);
    const other = await device.closePages();
    await device.online(other, true);
    await told(device, ['1 entry needs your choice', 'Everything is on the server']);

    // A real press is not to be had without a desktop: the worker hears the event that it makes.
    const last = await device.open();
    await device.worker().evaluate(async () => {
      const { registration } = self as unknown as { registration: ServiceWorkerRegistration };
      const [notification] = await registration.getNotifications({ tag: 'fieldsync:choose' });
      if (!notification) throw new Error('there is no notice');
      type Pressed = new (type: string, init: { notification: Notification }) => Event;
      const { NotificationEvent } = self as unknown as { NotificationEvent: Pressed };
      dispatchEvent(new NotificationEvent('notificationclick', { notification }));
    });
    await last.getByRole('heading', { level: 1, name: 'Conflicts' }).waitFor();
  },
  { seconds: 300 },
);
