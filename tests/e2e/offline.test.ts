/** The app with the network off: it opens, takes readings, and says what is going on. */
import assert from 'node:assert/strict';
import type { Reading } from '../../www/lib/generated.ts';
import { enter, holds, rows, type } from './support/app.ts';
import { draftKept } from './support/app-store.ts';
import { drained, items, ready, status } from './support/device.ts';
import { scenario } from './support/scenario.ts';
import { atMost } from './support/until.ts';

scenario('a reading is saved with the network off and is there after a reload', async ({ device }) => {
  const page = await device.install();
  await device.online(page, false);
  await page.getByText('Offline').first().waitFor();
  await enter(page, { property: 'P-1', unit: 'U1', value: '12,5' });
  await rows(page, 'pending').waitFor();
  await page.reload();
  await ready(page);
  await rows(page, 'pending').waitFor();
  const [item] = await items(page, 'queue');
  assert.equal((item?.data as Reading | undefined)?.value, 12.5);
  assert.equal((await status(page)).hold?.words, 'Waiting for a connection');
  await page.getByText('Waiting for a connection').first().waitFor();
});

scenario('what is typed survives a reload, and mistakes are said by field', async ({ device }) => {
  const page = await device.install();
  await type(page, { property: 'P-1', unit: 'U9', value: 'abc', note: '<img src=x onerror=alert(1)>' });
  await page.getByRole('button', { name: 'Save reading' }).click();
  await page.getByRole('alert').filter({ hasText: 'correction' }).waitFor();
  assert.equal((await items(page, 'queue')).length, 0);
  await draftKept(page, 'readings', 'onerror');
  await page.reload();
  await ready(page);
  await holds(page.getByLabel('Unit', { exact: true }), 'U9');
  await page.getByLabel('Value', { exact: true }).fill('4');
  await page.getByRole('button', { name: 'Save reading' }).click();
  // Until it is saved the queue is as empty as after it was sent.
  await rows(page, 'done').waitFor({ timeout: atMost(60) });
  await drained(page);
  assert.equal(await page.locator('img[src="x"]').count(), 0, 'hostile text is text');
});

scenario('the device answers its own interface with the network off', async ({ device }) => {
  const page = await device.install();
  await device.online(page, false);
  await enter(page, { property: 'P-1', unit: 'U1', value: '1' });
  const ask = (method: string, path: string, body?: string) =>
    page.evaluate(
      async ([method, path, body]) => {
        const answer = await fetch(`/api/v1/sync/${path}`, {
          method: method ?? 'GET',
          ...(body ? { body } : {}),
        });
        return { status: answer.status, type: answer.headers.get('content-type'), body: await answer.json() };
      },
      [method, path, body],
    );
  const status = await ask('GET', 'background/status');
  assert.deepEqual([status.status, status.body.queueSize, status.body.isActive], [200, 1, false]);
  const settings = await ask('PUT', 'background/settings', '{"minimumBatteryLevel":35}');
  assert.deepEqual([settings.status, settings.body.minimumBatteryLevel], [200, 35]);
  const refused = await ask('PUT', 'background/settings', '{"minimumBatteryLevel":101}');
  assert.deepEqual(
    [refused.status, refused.type, refused.body.fields[0].field],
    [422, 'application/problem+json', 'minimumBatteryLevel'],
  );
  const test = await ask('GET', 'connectivity-test');
  assert.deepEqual([test.status, test.body.reachable], [200, false]);
  assert.equal((await ask('POST', 'background/pause')).status, 200);
  assert.equal((await page.evaluate(() => globalThis.fieldsync?.status()))?.isPaused, true);
  await ask('POST', 'background/resume');
  await device.connect(true);
  assert.equal((await ask('POST', 'background/start')).status, 202);
  await drained(page);
  const { body } = await ask('GET', 'background/metrics');
  assert.equal(body.current.itemsSucceeded, 1);
});

scenario('pressing Sync now is shown as manual, with counts', async ({ server, device }) => {
  const page = await device.install();
  await device.online(page, false);
  await enter(page, { property: 'P-1', unit: 'U1', value: '1' });
  const { given } = await server.holdNextAnswer();
  await device.connect(true);
  await page.waitForFunction(() => navigator.onLine);
  const button = page.getByRole('button', { name: 'Sync now' });
  await button.click();
  await given;
  await page.getByText('Manual sync in progress').waitFor();
  await page.getByText('Synced: 0 | Failed: 0').first().waitFor();
  server.release();
  await drained(page);
  await page.getByText('Synced: 1 | Failed: 0').first().waitFor();
});

scenario('two tabs show the same, and one sync serves both', async ({ server, device }) => {
  const one = await device.install();
  const other = await device.open();
  await device.online(one, false);
  await enter(one, { property: 'P-1', unit: 'U1', value: '1' });
  await rows(other, 'pending').waitFor();
  await enter(other, { property: 'P-1', unit: 'U2', value: '2' });
  await rows(one, 'pending').nth(1).waitFor();
  await device.online(one, true);
  await drained(one);
  await rows(other, 'done').nth(1).waitFor();
  assert.equal(server.receipts().length, 2);
});
