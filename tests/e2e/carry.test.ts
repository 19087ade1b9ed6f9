/** Unsent work that goes to another device as a sealed file: once, to its person, and only with its passphrase. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { enter, go } from './support/app.ts';
import { accessible } from './support/axe.ts';
import { allSent, items, kept, ready, status } from './support/device.ts';
import { followMessages } from './support/messages.ts';
import { addPhoto } from './support/photo.ts';
import { scenario } from './support/scenario.ts';
import { setUp } from './support/vault.ts';

const SECRET = 'four words nobody knows';
const GOLDEN = readFileSync(new URL('../golden/work.json', import.meta.url), 'utf8');

/** Saves what waits as a file, as the person does. */
async function save(page: Page): Promise<string> {
  await go(page, '/sync/carry');
  await page.getByLabel('Passphrase for the file').fill(SECRET);
  await page.getByLabel('The same once more').fill(SECRET);
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save a sealed file' }).click();
  return readFileSync(await (await download).path(), 'utf8');
}

/** Takes a file in. */
async function take(page: Page, file: string, passphrase = SECRET): Promise<void> {
  await go(page, '/sync/carry');
  await page
    .getByLabel('File from your other device')
    .setInputFiles({ name: 'work.json', mimeType: 'application/json', buffer: Buffer.from(file) });
  await page.getByLabel('Passphrase of the file').fill(passphrase);
  await page.getByRole('button', { name: 'Take it in' }).click();
}

const ids = async (page: Page, shelf: 'queue' | 'done') =>
  (await items(page, shelf)).map(({ id }) => id).sort();

scenario(
  'what waits on a device without a network is sent by another, and counted once when the first comes back',
  async ({ device, another, server }) => {
    const page = await device.install();
    await kept(page, 'carry');
    await kept(page, 'vault_bg');
    await device.online(page, false);
    await enter(page, { property: 'P-1', unit: 'U1', value: '1204.50' });
    await go(page, '/');
    await addPhoto(page);
    await enter(page, { property: 'P-1', unit: 'U2', value: '7' });
    await go(page, '/sync/queue');
    await page.getByRole('link', { name: 'To another device' }).click();
    await page.getByText('3 entries go into the file').waitFor();
    await accessible(page);
    const file = await save(page);
    assert.ok(!/property|1204\.5|"READING"/.test(file), 'nothing of it can be read');
    assert.ok(!file.includes(SECRET));

    const second = await another();
    await page.evaluate(() => globalThis.fieldsync?.pause());
    await device.connect(true); // the link is both devices'
    const other = await second.install();
    await other.evaluate(() => globalThis.fieldsync?.pause());
    await kept(other, 'vault_bg');
    await take(other, file, 'not the passphrase');
    await other.getByText('This is not the passphrase.').waitFor();
    await take(other, file.replace('"count":3', '"count":4'));
    await other.getByText('The file is damaged').waitFor();
    await take(other, file.slice(0, 400));
    await other.getByText('The file is damaged').waitFor();
    const work = '{"format":2}';
    const checksum = createHash('sha256').update(work).digest('hex');
    await take(other, `{"fieldsync":"work","checksum":"${checksum}","work":${work}}`);
    await other.getByText('A newer version of the app made this file').waitFor();
    await take(other, 'my notes');
    await other.getByText('This is not a file of unsent work.').waitFor();
    assert.equal((await status(other)).queueSize, 0);

    const said = await followMessages(other);
    await take(other, file);
    await said('3 entries were taken in.');
    assert.deepEqual(await ids(other, 'queue'), await ids(page, 'queue'));
    await take(other, file);
    await said('Nothing new was in the file.');
    await other.evaluate(() => globalThis.fieldsync?.resume());
    await allSent(other);
    assert.equal(server.readings().length, 2);

    // The first comes back: its entries are there, and it gets their receipts.
    await page.evaluate(() => globalThis.fieldsync?.resume());
    await allSent(page);
    assert.equal(server.readings().length, 2);
    assert.equal(server.records('media').length, 1);
    assert.equal(server.receipts().length, 3);
    assert.deepEqual(await ids(page, 'done'), await ids(other, 'done'));
  },
  { seconds: 400 },
);

scenario(
  'a file of the first format is taken in, and what was entered into a vault goes into another',
  async ({ device, another }) => {
    const page = await device.install();
    await kept(page, 'vault_bg');
    await page.evaluate(() => globalThis.fieldsync?.pause());
    const said = await followMessages(page);
    await take(page, GOLDEN, 'the golden passphrase');
    await said('2 entries were taken in.');
    const data = (await items(page, 'queue')).map(({ data }) => data as { unit?: string; value?: number });
    assert.deepEqual(
      data.map(({ unit, value }) => [unit, value]),
      [
        ['U2', 7],
        ['U1', 1204.5],
      ],
    );
    await setUp(page);
    const file = await save(page);
    const other = await (await another()).install();
    await other.evaluate(() => globalThis.fieldsync?.pause());
    await kept(other, 'vault_bg');
    await setUp(other);
    const heard = await followMessages(other);
    await take(other, file);
    await heard('2 entries were taken in.');
    await other.reload();
    await ready(other);
    assert.equal((await status(other)).queueSize, 2);
  },
  { seconds: 400 },
);
