/** The worker dies at the worst moment: after the server's commit, before the device's. */
import assert from 'node:assert/strict';
import { enterMany } from './support/app.ts';
import { drained, items } from './support/device.ts';
import { scenario } from './support/scenario.ts';

scenario(
  'a worker killed between the commit of the server and its own loses nothing and sends nothing twice',
  async ({ server, device }) => {
    const page = await device.install();
    const devtools = await device.devtools(page);
    await device.online(page, false);
    const units = await enterMany(page, 10);
    const { given } = await server.holdNextAnswer();
    await device.connect(true);
    await given;
    assert.equal(server.readings().length, 10, 'the server has committed');
    assert.equal((await items(page, 'queue')).length, 10, 'the device does not know it');
    await devtools.send('ServiceWorker.stopAllWorkers');
    server.release(); // to nobody
    await page.getByRole('button', { name: 'Sync now' }).click();
    await drained(page, 90);
    assert.deepEqual(
      server
        .readings()
        .map(reading => reading.data?.unit)
        .sort(),
      units,
    );
    assert.equal(server.receipts().length, 10);
    const done = await items(page, 'done');
    assert.deepEqual(
      new Set(done.map(item => item.receipt?.status)),
      new Set(['replayed']),
      'the first receipts came again',
    );
    assert.equal(done.length, 10);
  },
);
