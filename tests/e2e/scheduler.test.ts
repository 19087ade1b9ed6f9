/** The scheduler of sync checks, its badge on every page and its panel (A9 to A11). */
import assert from 'node:assert/strict';
import { go } from './support/app.ts';
import { accessible } from './support/axe.ts';
import { kept, ready } from './support/device.ts';
import { followMessages } from './support/messages.ts';
import { badge, checked, pretend, scenario, told, view } from './support/scheduler.ts';
import { until } from './support/until.ts';
import { lock, setUp, unlock } from './support/vault.ts';

const SECOND = 1_000;

scenario('scheduler-startup', async ({ device }) => {
  const page = await device.install();
  const first = await checked(page);
  assert.deepEqual([first.state, first.failed, first.report?.needsSync], ['RUNNING', false, false]);
  await badge(page, 'aligned');
  // One after the other, for as long as the page is open: each is planned once the last has ended.
  const second = await checked(page, first.lastRun ?? 0);
  assert.ok((second.lastRun ?? 0) - (first.lastRun ?? 0) >= SECOND);
  await page.goto(new URL('/sync/queue', page.url()).href);
  await ready(page);
  await badge(page, 'aligned');
});

scenario('scheduler-status-event', async ({ device }) => {
  const page = await device.install();
  await checked(page);
  assert.equal(await told(page), false);
  const other = await device.open('/');
  await badge(other, 'aligned');
  // Whoever checks, every page is told, and knows the same.
  const [here, there] = await Promise.all([told(page), told(other)]);
  assert.deepEqual([here, there], [false, false]);
});

scenario('scheduler-sync-needed', async ({ device }) => {
  const page = await device.install();
  await checked(page);
  await badge(page, 'aligned');
  await pretend(page, 'sync:test:force-status', true);
  await badge(page, 'needed');
  await go(page, '/sync/health');
  await page.getByText('This device needs a sync.').waitFor();
  await badge(page, 'needed');
  await accessible(page);
  await pretend(page, 'sync:test:force-status', false);
  await badge(page, 'aligned');
});

scenario('scheduler-run-now', async ({ device }) => {
  const page = await device.install();
  const first = await checked(page);
  await go(page, '/sync/health');
  await page.getByText('Your devices are up to date.').waitFor();
  const button = page.getByRole('button', { name: 'Run check now' });
  const said = await followMessages(page);
  // One of its own may run at this moment, which is said: then a person presses once more.
  for (let heard = ''; !heard.includes('completed'); ) {
    await button.click();
    heard = await said('Sync check completed', 'Check already in progress');
  }
  await until(
    'the button can be used again',
    () => button.isEnabled(),
    enabled => enabled,
  );
  await checked(page, first.lastRun ?? 0);
  await page.getByText('Last check:').waitFor();
  await page.getByRole('main').getByText('This device').first().waitFor();
  await accessible(page);
  // A server that cannot answer: the check fails, says so, and the next one comes all the same.
  await device.online(page, false);
  await button.click();
  await page.getByText('Sync check completed').waitFor({ state: 'hidden' });
  await device.online(page, true);
  await checked(page, (await view(page))?.lastRun ?? 0);
});

scenario('scheduler-vault-locked', async ({ device }) => {
  const page = await device.install();
  await kept(page, 'vault_bg');
  await pretend(page, 'vault:locked');
  const paused = await until(
    'checks are paused',
    () => view(page),
    seen => seen?.state === 'PAUSED' && !seen.isChecking,
  );
  assert.equal(paused?.nextRun, null);
  await pretend(page, 'vault:unlocked');
  await checked(page, paused?.lastRun ?? 0);

  // The same with a real one: the last report stays, and once it is open there is a check at once.
  await setUp(page);
  await badge(page, 'aligned');
  await lock(page);
  const locked = await until(
    'checks are paused',
    () => view(page),
    seen => seen?.state === 'PAUSED' && !seen.isChecking,
  );
  assert.equal(locked?.nextRun, null);
  assert.equal(locked?.report?.needsSync, false);
  await badge(page, 'aligned');
  await unlock(page);
  const open = await checked(page, locked?.lastRun ?? 0);
  assert.equal(open.state, 'RUNNING');
});
