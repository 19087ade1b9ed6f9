/** A first load that the network breaks off, at whichever part of the app: it goes on by itself. */
import type { Page } from 'playwright-core';
import { enter } from './support/app.ts';
import { drained, ready } from './support/device.ts';
import { type Options, scenario } from './support/scenario.ts';

/** With pauses between what is tried. */
const LONG: Options = { seconds: 300 };

/** What is missing, the beginning of its file's name, and how that is said. */
const PARTS = {
  'the frame of the app': ['fs-app', 'fieldsync has not come to this device whole.'],
  'the start page': ['home', 'This page is not on this device yet'],
  'the engine': ['fieldsync_bg', 'This device cannot save just now'],
} as const;

for (const [part, [file, words]] of Object.entries(PARTS)) {
  scenario(
    `a first load without ${part} goes on when the network is back`,
    async ({ server, device }) => {
      server.breakOff(`/assets/${file}-`);
      const page = await device.visit('/');
      await page.getByText(words).waitFor();
      await page.getByRole('button', { name: 'Try again' }).waitFor();
      await device.online(page, false);
      server.breakOff();
      await device.online(page, true);
      await ready(page);
      await enter(page, { property: 'P-1', unit: 'U1', value: '12' });
      await drained(page, 120);
    },
    LONG,
  );
}

scenario(
  'a link that breaks off and comes back without the browser’s hearing of it is enough',
  async world => {
    const { server, device } = world;
    server.breakOff('/assets/fieldsync_bg-');
    const page = await device.visit('/');
    await page.getByText('This device cannot save just now').waitFor();
    await page.getByLabel('Property', { exact: true }).fill('P-7');
    server.breakOff();
    await ready(page);
    await page.getByText('This device cannot save just now').waitFor({ state: 'detached' });
    await enter(page, { property: 'P-7', unit: 'U1', value: '12' });
    await drained(page, 120);
  },
  LONG,
);

scenario(
  'what breaks off while the app is kept for offline use is taken up again',
  async ({ server, device }) => {
    server.breakOff('/assets/queue-'); // the start page needs none of it, but the worker keeps every page
    const page = await device.visit('/');
    await gone(page);
    server.breakOff();
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await device.online(page, false);
    await page.reload();
    await ready(page);
  },
  LONG,
);

/** Waits until a worker has given up: the one that is being installed, or where that was over too soon, the next. */
const gone = (page: Page) =>
  page.waitForFunction(async () => {
    const worker = (await navigator.serviceWorker.getRegistration())?.installing;
    if (!worker) return false;
    if (worker.state === 'installing') {
      await new Promise(change => worker.addEventListener('statechange', change, { once: true }));
    }
    return worker.state === 'redundant';
  });
