/** The vault: what is entered is sealed on the device, can be gone on with while it is locked, and is sent once it is open. */
import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import type { Fieldsync } from '../../www/lib/client.ts';
import { enter, go, type } from './support/app.ts';
import { accessible } from './support/axe.ts';
import { drained, kept, ready, status, syncAsked } from './support/device.ts';
import { addPhoto } from './support/photo.ts';
import { scenario } from './support/scenario.ts';
import { until } from './support/until.ts';
import {
  databases,
  filesWith,
  followKeys,
  lock,
  PASSPHRASE,
  setUp,
  spelled,
  unlock,
} from './support/vault.ts';

/** What must not be found on the device. */
const MARKS = ['MARK-property', 'MARK-early', 'MARK-late', 'MARK-draft', PASSPHRASE];

scenario(
  'a locked device shows nothing of what was entered, takes more, and sends all of it once it is unlocked',
  async ({ server, device }) => {
    const page = await device.install();
    await kept(page, 'vault_bg');
    const keys = await followKeys(page);
    await device.online(page, false);
    await setUp(page);
    await go(page, '/');
    await enter(page, { property: 'MARK-property', unit: 'U1', value: '1', note: 'MARK-early' });
    await type(page, { property: 'MARK-property', unit: 'U9', value: '9', note: 'MARK-draft' });
    await lock(page);
    await accessible(page);
    await go(page, '/sync/queue');
    await page.getByRole('heading', { name: 'Unlock' }).waitFor();
    await go(page, '/');
    await enter(page, { property: 'MARK-property', unit: 'U2', value: '2', note: 'MARK-late' });
    await page.getByText('Saved on this device. Unlock the app, so that your entries can be sent.').waitFor();
    assert.equal((await status(page)).queueSize, 2);
    const all = await databases(page);
    for (const mark of MARKS) assert.ok(!all.includes(mark), `${mark} is in a database`);
    const used = await keys();
    assert.ok(used.length >= 3, 'a passphrase’s key, one for data and one that opens');
    for (const text of ['CryptoKey', ...used.flatMap(spelled)])
      assert.ok(!all.includes(text), `${text} is in a database`);

    await device.online(page, true);
    await until(
      'the device says that it is locked',
      () => status(page),
      ({ hold }) => hold?.why === 'locked',
    );
    assert.equal(server.receipts().length, 0);

    await page.getByRole('link', { name: 'Unlock' }).click();
    await unlock(page, 'another passphrase');
    await page.getByText('This is not the passphrase.').waitFor();
    await unlock(page);
    await drained(page);
    assert.deepEqual(
      server
        .export()
        .filter(({ kind }) => kind === 'reading')
        .map(({ data }) => (data as { note?: string }).note ?? '')
        .sort(),
      ['MARK-early', 'MARK-late'],
    );
    const after = await databases(page);
    for (const mark of MARKS) assert.ok(!after.includes(mark), `${mark} is in a database after all was sent`);
  },
);

scenario(
  'the profile of a browser that was killed while unlocked holds nothing of what was entered since',
  async ({ server, device }) => {
    const page = await device.install();
    await kept(page, 'vault_bg');
    const keys = await followKeys(page);
    await setUp(page);
    await device.online(page, false);
    await go(page, '/');
    await type(page, { property: 'MARK-property', unit: 'U1', value: '1', note: 'MARK-early' });
    await addPhoto(page);
    await page.getByRole('button', { name: 'Save reading' }).click();
    await until(
      'reading and photo are queued',
      () => status(page),
      ({ queueSize }) => queueSize === 2,
    );
    const used = await keys();
    await device.kill();
    const killed = `${device.profile} as it was killed`;
    cpSync(device.profile, killed, { recursive: true });
    assert.deepEqual(filesWith(killed, [...MARKS, ...used, ...used.flatMap(spelled)]), []);
    await device.boot();
    const again = await device.open('/sync/queue');
    await again.getByRole('heading', { name: 'Unlock' }).waitFor();
    await unlock(again);
    await again.getByText('MARK-property').first().waitFor();
    await device.connect(true);
    await drained(again);
    // What the photo was is known once the server has it.
    const [photo] = server.records('media').map(media => server.content(media));
    assert.ok(photo);
    const [head, tail] = [photo.subarray(300, 348), photo.subarray(-348, -300)];
    assert.deepEqual(filesWith(killed, [head, tail, photo.toString('base64').slice(400, 464)]), []);
  },
);

scenario(
  'the keys of a device that is to stay unlocked are on its disk, as is said where that is chosen',
  async ({ device }) => {
    const page = await device.install();
    await kept(page, 'vault_bg');
    const keys = await followKeys(page);
    await setUp(page, { keep: true });
    const [used, all] = [await keys(), await databases(page)];
    assert.ok(all.includes('CryptoKey'));
    await device.kill();
    assert.notDeepEqual(filesWith(device.profile, used), []);
  },
);

scenario(
  'a device that is to stay unlocked sends after its browser was ended, with no page open',
  async ({ server, device }) => {
    const page = await device.install();
    await kept(page, 'vault_bg');
    await setUp(page, { keep: true });
    await device.online(page, false);
    await go(page, '/');
    await enter(page, { property: 'P-1', unit: 'U1', value: '1' });
    await syncAsked(page);
    await device.kill();
    await device.connect(true);
    await device.boot();
    await until(
      'it is on the server',
      async () => server.receipts().length,
      count => count === 1,
      120,
    );
  },
  { seconds: 240 },
);

scenario('what says that it is locked has no keys on its disk any more', async ({ device }) => {
  const page = await device.install();
  await kept(page, 'vault_bg');
  await setUp(page, { keep: true });
  const told = await page.evaluate(async () => {
    const { keyring } = globalThis.fieldsync as Fieldsync;
    const change = new Promise(resolve => {
      keyring.onChange(() => resolve(keyring.isKept().then(isKept => [keyring.state(), isKept])));
    });
    await keyring.lock();
    return change;
  });
  assert.deepEqual(told, ['locked', false]);
});

scenario('keys that are heard of late do not open what was locked', async ({ device }) => {
  const page = await device.install();
  await kept(page, 'vault_bg');
  await setUp(page);
  const states = await page.evaluate(async () => {
    const { keyring } = globalThis.fieldsync as Fieldsync;
    const [mouth, ear] = [new BroadcastChannel('fieldsync:vault'), new BroadcastChannel('fieldsync:vault')];
    const said = new ReadableStream<unknown>({
      start(heard) {
        ear.addEventListener('message', ({ data }) => data.box && heard.enqueue(data));
      },
    }).getReader();
    mouth.postMessage({});
    const { value: keys } = await said.read();
    const states: string[] = [];
    const locking = keyring.lock();
    // Another page's answer that was on its way: once before it is locked, and once after.
    for (const locked of [undefined, locking]) {
      await locked;
      mouth.postMessage(keys);
      await said.read();
      states.push(keyring.state());
    }
    for (const channel of [mouth, ear]) channel.close();
    return states;
  });
  assert.equal(states[1], 'locked');
});

scenario('what was entered before there was a vault is sealed when it is set up', async ({ device }) => {
  const page = await device.install();
  await kept(page, 'vault_bg');
  await enter(page, { property: 'MARK-property', unit: 'U0', value: '1', note: 'MARK-early' });
  await drained(page);
  await device.online(page, false);
  await enter(page, { property: 'MARK-property', unit: 'U1', value: '1', note: 'MARK-late' });
  await setUp(page);
  await until(
    'all of it is sealed',
    () => databases(page),
    all => !MARKS.some(mark => all.includes(mark)),
  );
  // Else the page gets the keys of the worker, where that is quick enough to say that it has them.
  await lock(page);
  await page.reload();
  await ready(page);
  await device.online(page, true);
  await unlock(page);
  await drained(page);
});

scenario('a vault that nobody touches is locked after the time that was chosen', async ({ device }) => {
  const page = await device.install();
  await kept(page, 'vault_bg');
  // Before the app starts: a timer that it set by the real clock could not be taken back from this one.
  await page.clock.install();
  await page.reload();
  await ready(page);
  await setUp(page);
  const other = await device.open('/sync');
  await page.getByLabel('Lock by itself').selectOption({ label: 'After 5 minutes without a touch' });
  await page.clock.fastForward('04:50');
  assert.equal((await status(page)).vault, 'open');
  await page.clock.fastForward('00:20');
  await page.getByRole('heading', { name: 'Unlock' }).waitFor();
  await other.getByRole('heading', { name: 'Unlock' }).waitFor();
});
