/** Two devices of one person: keys that one makes, what the other sees of it, and what is left of one that is revoked. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import type { Fieldsync } from '../../www/lib/client.ts';
import { enter, go, typeOver } from './support/app.ts';
import { accessible } from './support/axe.ts';
import { type Device, drained, kept, ready, status } from './support/device.ts';
import { followMessages } from './support/messages.ts';
import { scenario } from './support/scenario.ts';
import { atMost, until } from './support/until.ts';
import { lock, PASSPHRASE, rotate, setUp, unlock } from './support/vault.ts';

const ANNA = { email: 'anna@example.org', password: 'the old oak tree' };

const BEN = { email: 'ben@example.org', password: 'the new oak tree' };

async function signIn(page: Page, { email, password } = ANNA): Promise<void> {
  await go(page, '/sign-in');
  await typeOver(page.getByLabel('E-mail'), email); // who was here last stands in it
  await page.getByLabel('Password').fill(password);
  const said = await followMessages(page);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await said(`Signed in as ${email}`);
}

async function signedIn(device: Device): Promise<Page> {
  const page = await device.install();
  await kept(page, 'vault_bg');
  await signIn(page);
  return page;
}

/** The badge on every page. */
const badge = (page: Page, state: 'aligned' | 'needed' | 'failed') =>
  page
    .locator('header fs-health-badge fs-badge span')
    .and(page.locator(`.${state}`))
    .waitFor();

/** Takes in what the other devices have, where the app offers it. */
async function take(page: Page): Promise<void> {
  await go(page, '/vault');
  await page.getByRole('heading', { name: 'Your other devices have new keys' }).waitFor();
  await page.getByLabel('Passphrase of your devices').fill(PASSPHRASE);
  const said = await followMessages(page);
  await page.getByRole('button', { name: 'Take the new keys' }).click();
  await said('The keys are here now.');
}

/** What is done opens the vault, and from then on the server is listened to: of what was before it tells nothing. */
async function listening(page: Page, open: (page: Page) => Promise<void>): Promise<void> {
  const stream = page.waitForResponse(answer => answer.url().includes('/api/v1/events'), {
    timeout: atMost(120),
  });
  stream.catch(() => {}); // what went wrong before is told
  await open(page);
  await stream;
}

/** Sets the vault up; the server carries its keys then. */
async function begin(page: Page): Promise<void> {
  await listening(page, setUp);
  const token = (await page.evaluate(() => globalThis.fieldsync?.account()))?.accessToken;
  await until(
    'the server carries the keys',
    () => answer(page, '/api/v1/keystore', token),
    status => status === 200,
  );
}

/** The other device has the same keys, by way of the server. */
async function join(page: Page): Promise<void> {
  await go(page, '/vault');
  await page.getByRole('heading', { name: 'Your other devices have a passphrase' }).waitFor();
  await accessible(page);
  await page.getByLabel('Passphrase of your devices').fill('not this one');
  await page.getByRole('button', { name: 'Use the same passphrase' }).click();
  await page.getByText('This is not the passphrase.').waitFor();
  await page.getByLabel('Passphrase of your devices').fill(PASSPHRASE);
  await page.getByRole('button', { name: 'Use the same passphrase' }).click();
  await page.getByRole('button', { name: 'Lock now' }).waitFor();
}

scenario(
  'new keys turn the other device red at once, taking them in makes it green, and older ones are refused',
  async ({ server, device, another }) => {
    server.addUser(ANNA.email, ANNA.password);
    const phone = await signedIn(device);
    await begin(phone);
    const download = phone.waitForEvent('download');
    await phone.getByRole('button', { name: 'Save the keys as a file' }).click();
    const first = readFileSync(await (await download).path(), 'utf8');
    await badge(phone, 'aligned');

    const second = await another();
    const tablet = await signedIn(second);
    await listening(tablet, join);
    await badge(tablet, 'aligned');
    await rotate(phone);
    // Nobody looks: the next check of the tablet by itself is an hour away.
    await badge(tablet, 'needed');
    await badge(phone, 'aligned');
    await go(tablet, '/sync/health');
    await tablet.getByText('This device lacks keys that another device made.').waitFor();
    await tablet.getByRole('link', { name: 'Another device made new keys. Take them in.' }).click();
    await tablet.getByText('only here').waitFor();
    await accessible(tablet);
    await take(tablet);
    await badge(tablet, 'aligned');

    // With the network off it learns of nothing, and of all of it once it is back.
    await second.online(tablet, false);
    await rotate(phone);
    await second.online(tablet, true);
    await badge(tablet, 'needed');
    await take(tablet);
    await badge(tablet, 'aligned');

    await tablet.getByRole('button', { name: 'Take keys from a file' }).first().click();
    await tablet
      .getByLabel('File', { exact: true })
      .setInputFiles({ name: 'keys.json', mimeType: 'application/json', buffer: Buffer.from(first) });
    await tablet.getByLabel('Passphrase of the file').fill(PASSPHRASE);
    await tablet.locator('form').getByRole('button', { name: 'Take keys from a file' }).click();
    await tablet.getByText('this keystore is older than this device').waitFor();
  },
  { accounts: true, seconds: 400 },
);

scenario(
  'a device that is revoked sends and reads nothing more, loses its keys, and keeps what was entered',
  async ({ server, device, another }) => {
    server.addUser(ANNA.email, ANNA.password);
    const phone = await signedIn(device);
    await begin(phone);
    await badge(phone, 'aligned');
    const lost = await signedIn(await another());
    await join(lost);
    await lock(lost);
    await unlock(lost, PASSPHRASE, { keep: true });
    await lost.getByText('It stays unlocked on this device').waitFor();
    const token = (await lost.evaluate(() => globalThis.fieldsync?.account()))?.accessToken;

    await go(phone, '/sync/health');
    await phone.getByRole('button', { name: 'Revoke' }).click();
    const said = await followMessages(phone);
    await phone.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await said('The device is revoked.');
    // New keys are advised: the lost one knows these.
    await badge(phone, 'aligned');
    await phone.getByText('This device was revoked, and knows the keys that are in use.').waitFor();

    await lost.getByRole('heading', { name: 'Unlock' }).waitFor();
    await until(
      'the keys are gone from the disk',
      () => lost.evaluate(async () => globalThis.fieldsync?.keyring.isKept()),
      isKept => isKept === false,
    );
    await go(lost, '/');
    await enter(lost, { property: 'P-1', unit: 'U1', value: '5' });
    await until(
      'it is said why nothing is sent',
      async () => (await status(lost)).hold?.why,
      why => why === 'revoked',
      60,
    );
    const confirmed = lost.getByRole('status').filter({ hasText: 'Saved on this device.' });
    await confirmed
      .filter({ hasText: 'This device was revoked. Nothing can be sent from it any more.' })
      .waitFor();
    await lost.getByText('What is on this device is sealed.', { exact: true }).waitFor();
    assert.doesNotMatch(await lost.locator('body').innerText(), /next try/i, 'it is not tried again');
    for (const path of ['/api/v1/sync/changes', '/api/v1/keystore', '/api/sync/devices'])
      assert.equal(await answer(lost, path, token), 403, path);
    assert.equal(server.readings().length, 0);
    assert.equal((await status(lost)).queueSize, 1);

    // Whoever knows the passphrase can still see what is here.
    await lost.reload();
    await ready(lost);
    await go(lost, '/vault');
    // The next check, which may come at once, takes the keys away again.
    await lost.evaluate(() => {
      const { keyring } = globalThis.fieldsync as Fieldsync;
      keyring.onChange(() => keyring.state() === 'open' && Object.assign(globalThis, { opened: true }));
    });
    await unlock(lost);
    await lost.waitForFunction(() => 'opened' in globalThis);
  },
  { accounts: true, seconds: 400 },
);

scenario(
  'the vault of one person is none of the next one’s, on the device and on the server',
  async ({ server, device }) => {
    server.addUser(ANNA.email, ANNA.password);
    server.addUser(BEN.email, BEN.password);
    const page = await signedIn(device);
    await setUp(page);
    await badge(page, 'aligned');
    await page.evaluate(async () => {
      const bytes = new Uint8Array(1);
      const device = { credential: bytes, input: bytes, salt: 'hers', sealed: '' };
      await globalThis.fieldsync?.keyring.setDevice(device);
    });
    await go(page, '/sign-in');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await signIn(page, BEN);
    const opener = await page.evaluate(() => globalThis.fieldsync?.keyring.device());
    assert.equal(opener, undefined, 'by what her device opens her vault is none of his');
    await go(page, '/vault');
    await page.getByRole('button', { name: 'Use a passphrase' }).waitFor();
    await badge(page, 'aligned');
    const token = (await page.evaluate(() => globalThis.fieldsync?.account()))?.accessToken;
    assert.equal(await answer(page, '/api/v1/keystore', token), 204, 'nothing of hers is on his account');
    await go(page, '/');
    await enter(page, { property: 'P-1', unit: 'U1', value: '5' });
    await drained(page, 120);
    assert.equal(server.readings().length, 1, 'his reading has arrived');

    await go(page, '/sign-in');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await signIn(page);
    await go(page, '/vault');
    await unlock(page);
    await page.getByText('Keys 1', { exact: true }).waitFor();
  },
  { accounts: true, seconds: 400 },
);

const answer = (page: Page, path: string, token = '') =>
  page.evaluate(
    async ([path, token]) =>
      (await fetch(path as string, { headers: { authorization: `Bearer ${token}` } })).status,
    [path, token],
  );
