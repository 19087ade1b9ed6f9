/** Keys that are made on one device and taken in on another, as the scheduler and its badge see it; and all of it in one go (A11). */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { go } from './support/app.ts';
import { kept, ready } from './support/device.ts';
import { followMessages } from './support/messages.ts';
import { badge, checked, pretend, scenario, told, view } from './support/scheduler.ts';
import { until } from './support/until.ts';
import { lock, PASSPHRASE, rotate, setUp, unlock } from './support/vault.ts';

/** Takes in what the other devices have, in the words of who has none yet and of who has. */
async function take(page: Page, button: 'Use the same passphrase' | 'Take the new keys'): Promise<void> {
  await go(page, '/vault');
  await page.getByLabel('Passphrase of your devices').fill(PASSPHRASE);
  const said = await followMessages(page);
  await page.getByRole('button', { name: button }).click();
  await said('The keys are here now.');
}

const key = async (page: Page) => (await view(page))?.report?.alignment.currentKeypairPublicKey;

scenario('rotation-integration', async ({ device, another }) => {
  const phone = await device.install();
  await kept(phone, 'vault_bg');
  await setUp(phone);
  await until(
    'the keys are known',
    () => key(phone),
    found => typeof found === 'string',
  );
  const first = await key(phone);

  const tablet = await (await another()).install();
  await kept(tablet, 'vault_bg');
  // A device without keys, of a person who has some, lacks them.
  await badge(tablet, 'needed');
  await take(tablet, 'Use the same passphrase');
  await badge(tablet, 'aligned');
  assert.equal(await key(tablet), first);

  await rotate(phone);
  await badge(tablet, 'needed');
  await badge(phone, 'aligned');
  // The phone says that it has new keys before it brings them: only then can they be taken in.
  const report = await until(
    'the new keys can be taken in',
    async () => (await view(tablet))?.report,
    seen => seen?.recommendation.action === 'import-keystore',
  );
  assert.notEqual(report?.alignment.currentKeypairPublicKey, first);
  assert.equal(report?.alignment.missingRotations, 1);
  assert.ok(report?.warnings.some(({ metadata }) => metadata?.code === 'missingRotations'));
  await take(tablet, 'Take the new keys');
  await badge(tablet, 'aligned');
  const cured = (await view(tablet))?.report;
  assert.equal(cured?.alignment.missingRotations, 0);
  assert.ok(cured?.warnings.every(({ metadata }) => metadata?.code !== 'missingRotations'));
  await until(
    'the phone knows that both are in step',
    async () => (await view(phone))?.report?.isAligned,
    aligned => aligned === true,
  );
});

scenario('full-cycle', async ({ device }) => {
  const page = await device.install();
  await kept(page, 'vault_bg');
  await checked(page);
  await badge(page, 'aligned');
  assert.equal(await told(page), false);
  await pretend(page, 'sync:test:force-status', true);
  await badge(page, 'needed');
  for (const path of ['/sync', '/sync/queue', '/sync/health']) {
    await go(page, path);
    await badge(page, 'needed');
  }
  await pretend(page, 'sync:test:force-status', false);
  const said = await followMessages(page);
  await page.getByRole('button', { name: 'Run check now' }).click();
  await said('Sync check completed');
  await badge(page, 'aligned');
  await setUp(page);
  await rotate(page);
  await until(
    'the new keys are known',
    async () => (await view(page))?.report?.recommendation.action,
    action => action === 'no-action-needed',
  );
  await lock(page);
  await until(
    'checks are paused',
    async () => (await view(page))?.state,
    state => state === 'PAUSED',
  );
  await page.reload();
  await ready(page);
  await unlock(page);
  const before = (await view(page))?.lastRun ?? 0;
  await checked(page, before);
  await badge(page, 'aligned');
});
