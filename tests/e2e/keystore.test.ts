/** The keystore from device to device: as a file, with all its keys, forward alone. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { enter, go } from './support/app.ts';
import { drained, kept, ready } from './support/device.ts';
import { followMessages } from './support/messages.ts';
import { scenario } from './support/scenario.ts';
import { lock, PASSPHRASE, setUp, unlock } from './support/vault.ts';

const CHANGED = 'another four words here';

/** Saves the keys as a file, as the person does. */
async function save(page: Page): Promise<string> {
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save the keys as a file' }).click();
  return readFileSync(await (await download).path(), 'utf8');
}

/** Chooses a file from which keys are to be taken. */
async function choose(page: Page, file: string): Promise<void> {
  await page.getByRole('button', { name: 'Take keys from a file' }).first().click();
  await page
    .getByLabel('File', { exact: true })
    .setInputFiles({ name: 'keys.json', mimeType: 'application/json', buffer: Buffer.from(file) });
}

/** Takes keys from a file. */
async function take(page: Page, file: string, passphrase = PASSPHRASE): Promise<void> {
  await choose(page, file);
  await page.getByLabel('Passphrase of the file').fill(passphrase);
  await page.locator('form').getByRole('button', { name: 'Take keys from a file' }).click();
}

/** Gives the vault another passphrase. */
async function change(page: Page, to: string): Promise<void> {
  await page.getByRole('button', { name: 'Change the passphrase' }).click();
  await page.getByLabel('Your passphrase').fill(PASSPHRASE);
  await page.getByLabel('New passphrase').fill(to);
  await page.getByLabel('The same once more').fill(to);
  const said = await followMessages(page);
  await page.locator('form').getByRole('button', { name: 'Change the passphrase' }).click();
  await said('The new passphrase is in use.');
  await taken(page);
}

/** They are here, and nothing is asked for any more. */
const taken = (page: Page) => page.locator('form.asked').waitFor({ state: 'hidden' });

async function rotate(page: Page, passphrase = PASSPHRASE): Promise<void> {
  await page.getByRole('button', { name: 'Make new keys' }).first().click();
  await page.getByLabel('Your passphrase').fill(passphrase);
  await page.locator('form').getByRole('button', { name: 'Make new keys' }).click();
  // They are shown a moment before the form goes, and with it whatever would be asked for next.
  await taken(page);
}

/** From its next load on the page hears nothing of the vault once it is made `deaf`, as one that is slow. */
const hearsLate = (page: Page) =>
  page.addInitScript(() => {
    const { set } = Object.getOwnPropertyDescriptor(BroadcastChannel.prototype, 'onmessage') ?? {};
    Object.defineProperty(BroadcastChannel.prototype, 'onmessage', {
      set(this: BroadcastChannel, heard: (event: MessageEvent) => void) {
        set?.call(this, (event: MessageEvent) => {
          if (!('deaf' in globalThis && this.name === 'fieldsync:vault')) heard(event);
        });
      },
    });
  });

scenario(
  'new keys go to another device as a file; an older file, a damaged one and a forged one are refused',
  async ({ device, another }) => {
    const page = await device.install();
    await kept(page, 'vault_bg');
    await setUp(page);
    const first = await save(page);
    assert.ok(!first.includes(PASSPHRASE));
    await rotate(page);
    await page.getByText('Keys 2', { exact: true }).waitFor();
    const second = await save(page);

    const other = await (await another()).install();
    await kept(other, 'vault_bg');
    await go(other, '/vault');
    await take(other, first);
    await taken(other);
    await other.getByText('Keys 1', { exact: true }).first().waitFor();
    await take(other, second);
    await taken(other);
    // The server carries them too, and so a check may have advised to take them in: there is nothing left to take.
    await other
      .getByRole('heading', { name: 'Your other devices have new keys' })
      .waitFor({ state: 'hidden' });
    // A check that ends just now may show both histories for a moment; this device's own stands last.
    await other.getByText('Keys 2', { exact: true }).last().waitFor();
    await take(other, first);
    await other.getByText('this keystore is older than this device').waitFor();
    await take(other, second.replace('"revision":1', '"revision":2'));
    await other.getByText('the file is damaged').waitFor();
    await take(other, 'no keys at all');
    await other.getByText('this is not a keystore of fieldsync').waitFor();
  },
  { seconds: 240 },
);

scenario('a file brings a new passphrase to a device without a network', async ({ device, another }) => {
  const page = await device.install();
  await kept(page, 'vault_bg');
  await setUp(page);
  const first = await save(page);
  const second = await another();
  const other = await second.install();
  await kept(other, 'vault_bg');
  await go(other, '/vault');
  await take(other, first);
  await taken(other);
  await second.online(other, false);
  await rotate(page);
  await page.getByText('Keys 2', { exact: true }).waitFor();
  await change(page, CHANGED);

  await choose(other, await save(page));
  await other.getByLabel('Passphrase of the file').fill(CHANGED);
  await other.getByLabel('This device’s passphrase until now').fill(PASSPHRASE);
  await other.locator('form').getByRole('button', { name: 'Take keys from a file' }).click();
  await taken(other);
  await other.getByText('Keys 2', { exact: true }).last().waitFor();
  await lock(other);
  await unlock(other, CHANGED);
  await other.getByRole('button', { name: 'Lock now' }).waitFor();
});

scenario('after new keys and a new passphrase all that was sealed before can be read', async ({ device }) => {
  const page = await device.install();
  await kept(page, 'vault_bg');
  await setUp(page);
  await device.online(page, false);
  await go(page, '/');
  await enter(page, { property: 'P-7', unit: 'U1', value: '1' });
  await go(page, '/vault');
  await rotate(page);
  await page.getByText('Keys 2', { exact: true }).waitFor();
  await change(page, CHANGED);
  await lock(page);
  await page.reload();
  await ready(page);
  await unlock(page);
  await page.getByText('This is not the passphrase.').waitFor();
  await unlock(page, CHANGED);
  await go(page, '/sync/queue');
  await page.getByText('P-7').first().waitFor();
  await device.online(page, true);
  await drained(page);
});

scenario(
  'new keys that two pages make one after the other are both kept, however late one hears',
  async ({ device }) => {
    const page = await device.install();
    await kept(page, 'vault_bg');
    await setUp(page);
    const late = await device.open();
    await hearsLate(late);
    // What is being loaded when a page is left is an error in Firefox.
    const loaded = (name: string) =>
      performance.getEntriesByType('resource').some(each => each.name.includes(name));
    await late.waitForFunction(loaded, '/watching-');
    await late.reload();
    await ready(late);
    await go(late, '/vault');
    await late.getByRole('button', { name: 'Lock now' }).waitFor();
    await late.evaluate(() => Object.assign(globalThis, { deaf: true }));

    await device.online(page, false);
    await rotate(page);
    await go(page, '/');
    await enter(page, { property: 'P-8', unit: 'U1', value: '1' });
    await rotate(late);
    await go(page, '/vault');
    await page.getByText('Keys 3', { exact: true }).waitFor();
    await lock(page);
    await unlock(page);
    await page.getByRole('button', { name: 'Lock now' }).waitFor();
    await go(page, '/sync/queue');
    await page.getByText('P-8').first().waitFor();
  },
);
