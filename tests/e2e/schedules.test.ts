/** Schedules and limits: made, previewed, ended, limited; and what falls due on the device with no server within reach. */
import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import type { Fieldsync } from '../../www/lib/client.ts';
import type { Kept } from '../../www/lib/due.ts';
import { enter, go, thisMonth } from './support/app.ts';
import { accessible } from './support/axe.ts';
import { anotherDevice, type Device, kept, ready, status, syncAsked } from './support/device.ts';
import { followMessages } from './support/messages.ts';
import { scenario } from './support/scenario.ts';
import { until } from './support/until.ts';

const MINUTE = 60_000;

const ANNA = { email: 'anna@example.org', password: 'the old oak tree' };

async function open(device: Device): Promise<Page> {
  const page = await device.install();
  for (const name of ['schedules', 'own-schedules']) await kept(page, name);
  await go(page, '/sync/schedules');
  await page.getByRole('heading', { level: 1, name: 'Schedules' }).waitFor();
  return page;
}

/** Opens the form. */
async function begin(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: 'Make a schedule' }).click();
  const form = page.getByRole('form', { name: 'A new schedule' });
  await form.waitFor();
  return form;
}

/** Makes one that runs each day at this time, by the clocks of UTC. */
async function make(page: Page, time: string): Promise<void> {
  const form = await begin(page);
  await form.getByLabel('Time', { exact: true }).fill(time);
  await form.getByLabel('By the clocks of').selectOption('UTC');
  const said = await followMessages(page);
  await form.getByRole('button', { name: 'Make this schedule' }).click();
  await said('The schedule is made.');
  await form.waitFor({ state: 'hidden' });
}

const cards = (page: Page) => page.locator('fs-schedule article');

/** The time of day so long after this, by UTC. */
const timeOfDay = (at: number) => new Date(at).toISOString().slice(11, 16);

/** What ran on this device by itself, as it is kept there. */
const runsKept = async () => {
  const kept = await caches.match('/schedules', { cacheName: 'fieldsync-schedules' });
  return kept ? ((await kept.json()) as Kept).runs : [];
};
const ownRuns = (page: Page) => page.evaluate(runsKept);

scenario('a schedule is shown before it is made, runs, tells of it, and ends', async ({ server, device }) => {
  const page = await open(device);
  await page.getByText('No schedules', { exact: true }).waitFor();
  await accessible(page);

  const form = await begin(page);
  const runs = form.getByRole('status').getByRole('listitem');
  await until(
    'five runs are shown',
    () => runs.count(),
    n => n === 5,
  );
  await form.getByLabel('How often').selectOption('Every week');
  await form.getByLabel('Day of the week').selectOption('Thursday');
  await form.getByLabel('By the clocks of').selectOption('Pacific/Kiritimati');
  await form.getByLabel('Time', { exact: true }).fill('');
  await form.getByText('Its next runs are shown once all is filled in.').waitFor();
  await form.getByRole('button', { name: 'Make this schedule' }).click();
  await form.getByText('Enter a time as HH:MM').first().waitFor();
  await form.getByLabel('Time', { exact: true }).fill('06:30');
  // Fourteen hours ahead of UTC: no device of a test is there.
  const words = await until(
    'runs on Thursdays are shown',
    () => runs.allInnerTexts(),
    all => all.length === 5 && all.every(text => text.startsWith('Thu')),
  );
  for (const text of words) assert.match(text, /06:30.*on this device’s clock/);
  await accessible(page);
  const said = await followMessages(page);
  await form.getByLabel('When both sides have changed the same').selectOption('What is on the server counts');
  await form.getByRole('button', { name: 'Make this schedule' }).click();
  await said('The schedule is made. First run: Thu');
  await cards(page).getByRole('heading', { name: 'Every Thursday at 06:30' }).waitFor();
  await cards(page).getByText('What is on the server counts').waitFor();

  // One that is due in a moment, by the server's own clock.
  const due = Date.now() + MINUTE;
  await make(page, timeOfDay(due));
  const daily = cards(page).filter({ hasText: 'Every day at' });
  await daily.waitFor();
  await until(
    'it is due',
    () => Date.now(),
    now => now > due,
    70,
  );
  server.runDue();
  await daily.getByRole('button', { name: /^History/ }).click();
  await daily.getByText('The server asked the device to sync.').waitFor();
  await accessible(page);

  await daily.getByRole('button', { name: /^Disable/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Keep it' }).click();
  await daily.getByRole('button', { name: /^Disable/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click();
  await said('The schedule is disabled.');
  await page.getByText('1 ended schedule').click();
  await page.locator('details').getByText('Ended', { exact: true }).waitFor();
  assert.equal(await page.getByRole('button', { name: /^Disable/ }).count(), 1);
});

scenario(
  'without a connection schedules are shown as they were, and none can be made',
  async ({ device }) => {
    const page = await open(device);
    await make(page, '06:30');
    await cards(page).waitFor();
    await device.online(page, false);
    await page.reload();
    await ready(page);
    await page.getByText('The server cannot be reached. This is the list as the server told it').waitFor();
    await cards(page).getByRole('heading', { name: 'Every day at 06:30' }).waitFor();
    await cards(page)
      .getByRole('button', { name: /^History/ })
      .click();
    await page.getByText('Only what ran on this device is shown.').waitFor();
    const form = await begin(page);
    await form.getByText('Schedules are made by the server, which cannot be reached now.').waitFor();
    await form.getByRole('button', { name: 'Make this schedule' }).click();
    await form.getByText('The server could not be reached.').waitFor();
    await accessible(page);
    await form.getByRole('button', { name: 'Cancel' }).click();
    await cards(page)
      .getByRole('button', { name: /^Disable/ })
      .click();
    const said = await followMessages(page);
    await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click();
    await said('The server could not be reached.');
    // Back, it is asked anew by itself.
    await device.online(page, true);
    await page.getByText('The server cannot be reached.').waitFor({ state: 'hidden' });
    await cards(page)
      .getByRole('button', { name: /^Disable/ })
      .waitFor();
  },
);

scenario(
  'limits of all devices and of one are set, said, and taken away',
  async ({ server, device }) => {
    server.addUser(ANNA.email, ANNA.password);
    const page = await open(device);
    await page.getByText('to see your schedules and to make one.').waitFor();
    await accessible(page);
    await go(page, '/sign-in');
    await page.getByLabel('E-mail').fill(ANNA.email);
    await page.getByLabel('Password').fill(ANNA.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await until(
      'she is signed in',
      () => page.evaluate(() => globalThis.fieldsync?.account()),
      account => account?.signedIn === true,
    );
    await go(page, '/sync/schedules');
    await make(page, '06:30');
    await cards(page).waitFor();
    const limits = page.getByRole('region', { name: 'How fast' });
    await limits.getByText('This device sends and receives as fast as the link allows.').waitFor();
    const said = await followMessages(page);
    const save = limits.getByRole('button', { name: 'Save the limits' });
    await limits.getByLabel('Sending, at most', { exact: true }).fill('much');
    await save.click();
    await limits.getByText('Enter a number above 0').waitFor();
    await accessible(page);
    await limits.getByLabel('Sending, at most', { exact: true }).fill('500');
    await limits.getByLabel('Receiving, at most', { exact: true }).fill('1.5');
    await limits.getByLabel('Unit: Receiving, at most').selectOption('MB/s');
    await save.click();
    await said('The limits are saved.');
    await limits
      .getByText('This device sends at most 500 kB a second. It receives at most 1.5 MB a second.')
      .waitFor();

    // Another page of the same person has them from the server.
    await page.reload();
    await ready(page);
    await until(
      'what is set stands in the field',
      () => limits.getByLabel('Sending, at most', { exact: true }).inputValue(),
      value => value === '500',
    );
    await limits.getByLabel('Limits of').selectOption({ index: 1 });
    await limits.getByLabel('Sending, at most', { exact: true }).fill('80');
    await save.click();
    await limits.getByText('This device sends at most 80 kB a second. It receives at most 1.5 MB').waitFor();
    await limits.getByLabel('Limits of').selectOption({ label: 'All your devices' });
    for (const way of ['Sending, at most', 'Receiving, at most'])
      await limits.getByLabel(way, { exact: true }).fill('');
    await save.click();
    await limits
      .getByText('This device sends at most 80 kB a second. It receives as fast as the link allows.')
      .waitFor();
  },
  { accounts: true },
);

scenario(
  'what falls due runs once on the device, with no server within reach and two tabs open',
  async ({ server, device }) => {
    const first = await open(device);
    // Before the app starts: a timer that it set by the real clock could not be taken back from this one.
    await first.clock.install();
    await first.reload();
    await ready(first);
    const start = await first.evaluate(() => Date.now());
    await make(first, timeOfDay(start + 20 * MINUTE));
    const other = await device.open('/sync/schedules');
    await cards(other).waitFor();
    await device.online(first, false);
    await go(first, '/');
    await enter(first, { property: 'P-1', unit: 'U1', value: '5' });
    assert.deepEqual(await ownRuns(first), []);
    await first.clock.fastForward('25:00');
    const runs = await until(
      'it has run',
      () => ownRuns(first),
      ([run]) => run?.outcome !== undefined,
    );
    assert.equal(runs.length, 1);
    // A day later: once more, whichever tab is first.
    await first.clock.fastForward('24:00:00');
    await until(
      'it has run again',
      () => ownRuns(other),
      ([run]) => run?.dueAt !== runs[0]?.dueAt && run?.outcome !== undefined,
    );
    await other.clock.fastForward('10:00');
    const all = await ownRuns(other);
    assert.equal(all.length, 2);
    assert.equal(new Set(all.map(({ dueAt }) => dueAt)).size, 2);
    await cards(other)
      .getByRole('button', { name: /^History/ })
      .click();
    await cards(other).getByText('1 entry waited on.').first().waitFor();
    assert.equal(
      await cards(other).getByText('On this device ·').or(cards(other).getByText('· On this device')).count(),
      2,
    );
    assert.equal(server.readings().length, 0);
    assert.equal((await status(other)).queueSize, 1);
  },
);

scenario('a schedule’s run settles clashes as the schedule says', async ({ server, device }) => {
  const page = await open(device);
  await page.clock.install();
  await page.reload();
  await ready(page);
  await anotherDevice(page, { property: 'P-1', unit: 'U1', meter: 'water', period: thisMonth(), value: 9 });
  await page.evaluate(async period => {
    const data = { property: 'P-1', unit: 'U1', meter: 'water', period, value: 5, readAt: Date.now() };
    await (globalThis.fieldsync as Fieldsync).enqueue({ type: 'READING', data });
  }, thisMonth());
  await until(
    'the clash is there',
    () => status(page),
    ({ totals }) => totals.conflict === 1,
  );
  const start = await page.evaluate(() => Date.now());
  const form = await begin(page);
  await form.getByLabel('Time', { exact: true }).fill(timeOfDay(start + 20 * MINUTE));
  await form.getByLabel('By the clocks of').selectOption('UTC');
  await form.getByLabel('When both sides have changed the same').selectOption('What is on the server counts');
  await form.getByRole('button', { name: 'Make this schedule' }).click();
  await cards(page).waitFor();
  assert.equal((await status(page)).totals.conflict, 1, 'until then it is for the person to say');
  await page.clock.fastForward('25:00');
  await until(
    'it is settled',
    () => status(page),
    ({ queueSize }) => queueSize === 0,
  );
  assert.deepEqual(
    server.readings().map(({ data }) => data?.value),
    [9],
  );
});

scenario(
  'what fell due while no page was open runs once, whoever comes first, and is told',
  async ({ server, device }) => {
    const page = await open(device);
    await make(page, '06:30');
    const session = await device.devtools(page);
    const { origin } = new URL(page.url());
    const permissions = ['periodicBackgroundSync' as const, 'backgroundSync' as const];
    await session.send('Browser.grantPermissions', { origin, permissions });
    await page.reload();
    await ready(page);
    await until(
      'the browser is asked to wake the worker now and then',
      () =>
        page.evaluate(async () => {
          const { periodicSync } = (await navigator.serviceWorker.ready) as unknown as {
            periodicSync: { getTags(): Promise<string[]> };
          };
          return periodicSync.getTags();
        }),
      ([tag]) => tag === 'fieldsync:schedules',
    );

    // Its time comes while no page is open; then the network does.
    await device.online(page, false);
    await go(page, '/');
    await enter(page, { property: 'P-1', unit: 'U1', meter: 'water', value: '7' });
    await syncAsked(page);
    await page.evaluate(async () => {
      const cache = await caches.open('fieldsync-schedules');
      const kept = await (await cache.match('/schedules'))?.json();
      kept.schedules[0].nextRuns[0] = Date.now() - 1_000;
      await cache.put('/schedules', Response.json(kept));
    });
    await device.closePages();
    await device.connect(true);
    await until(
      'the reading is on the server',
      () => server.readings().length,
      count => count === 1,
    );

    const next = await device.open();
    await go(next, '/sync/schedules');
    const [run, ...more] = await until(
      'it has run',
      () => ownRuns(next),
      ([run]) => run?.outcome !== undefined,
    );
    assert.deepEqual([run?.outcome?.remaining, more], [0, []]);
    await cards(next)
      .getByRole('button', { name: /^History/ })
      .click();
    await cards(next)
      .getByText(/^(1 entry was sent|Nothing was waiting)\.$/)
      .waitFor();
  },
);
