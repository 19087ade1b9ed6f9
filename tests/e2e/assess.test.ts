/** Assessing a site: offline, with the response that follows, corrected and changed. */
import assert from 'node:assert/strict';
import type { Fieldsync } from '../../www/lib/client.ts';
import type { Draft } from '../../www/lib/generated.ts';
import { answer, choose, group, installed, save, visit } from './support/assess.ts';
import { accessible } from './support/axe.ts';
import { drained, items, kept, syncNow } from './support/device.ts';
import { scenario } from './support/scenario.ts';
import { until } from './support/until.ts';

scenario(
  'a site is assessed and a response planned offline; both reach the server, one after the other',
  async ({ server, device }) => {
    const page = await installed(device);
    await device.online(page, false);
    await choose(page, 'Water and sanitation');
    await page.getByLabel('Site').fill('Well 3');
    await page.getByLabel('People affected').fill('2577');
    await answer(page, /Main source/, 'Water truck');
    await page.getByLabel('Water a person has').fill('7,5');
    assert.equal(await group(page, /What is wrong with it/).count(), 0, 'not asked yet');
    await answer(page, /safe to drink/, 'No');
    await answer(page, /What is wrong with it/, 'Cloudy');
    await answer(page, /What is wrong with it/, 'Chemicals');
    await save(page, 'assessment');
    await page.getByText('Saved on this device', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'Plan a response' }).click();
    await page.getByLabel('What is to be done').fill('Two trucks a day');
    await page.getByLabel('To be done by').fill('2026-12-01');
    await answer(page, /What it takes/, 'Vehicles');
    await save(page, 'response');
    await page.getByText('goes after an earlier entry').waitFor();
    const waiting = await items(page, 'queue');
    const assessment = waiting.find(item => item.type === 'ASSESSMENT');
    const response = waiting.find(item => item.type === 'RESPONSE');
    assert.equal(response?.dependsOn, assessment?.id);
    assert.equal(response?.state, 'blocked');

    await device.online(page, true);
    await drained(page, 90);
    await page.getByText(/^On the server/).waitFor();
    assert.deepEqual(server.records('assessment'), [
      {
        kind: 'WASH',
        site: 'Well 3',
        population: 2577,
        answers: { water: { source: 'TRUCK', litres: 7.5, safe: false, unsafe: ['CLOUDY', 'CHEMICAL'] } },
      },
    ]);
    assert.deepEqual(server.records('response'), [
      {
        assessmentId: assessment?.entityId,
        kind: 'WASH',
        plan: 'Two trucks a day',
        status: 'PLANNED',
        by: '2026-12-01',
        needs: ['TRUCK'],
      },
    ]);
    const at = (id?: string) => server.receipts().find(({ itemId }) => itemId === id)?.at ?? 0;
    assert.ok(at(assessment?.id) > 0 && at(assessment?.id) < at(response?.id), 'in this order');
  },
);

scenario(
  'of a change only what differs is sent, of what is accepted and of what waits',
  async ({ server, device }) => {
    const page = await installed(device);
    await kept(page, 'receipts');
    await choose(page, 'Shelter');
    await page.getByLabel('Site').fill('School');
    await page.getByLabel('Destroyed').fill('12');
    await save(page, 'assessment');
    await drained(page, 90);

    await device.online(page, false);
    await visit(page, '/sync/receipts');
    await page.getByRole('link', { name: /School/ }).click();
    await page.getByRole('link', { name: 'Change', exact: true }).click();
    await page.getByText('Only what you change is sent.').waitFor();
    assert.equal(await page.getByLabel('Destroyed').inputValue(), '12');
    await page.getByRole('button', { name: 'Save assessment' }).click();
    await page.getByText('Nothing has changed.').waitFor();
    await page.getByLabel('Damaged').fill('30');
    await save(page, 'assessment');
    const [change] = await items(page, 'queue');
    assert.deepEqual([change?.action, change?.patch], ['UPDATE', { answers: { houses: { damaged: 30 } } }]);

    await visit(page, `/sync/queue?item=${change?.id}`);
    await page.getByRole('link', { name: 'Change', exact: true }).click();
    await page.getByLabel('Destroyed').fill('');
    await page.getByLabel('Note').fill('Counted twice');
    await save(page, 'assessment');
    const [next] = await items(page, 'queue');
    assert.deepEqual(next?.patch, { answers: { houses: { destroyed: null } }, note: 'Counted twice' });

    await device.online(page, true);
    await drained(page, 90);
    assert.deepEqual(server.records('assessment'), [
      { kind: 'SHELTER', site: 'School', answers: { houses: { damaged: 30 } }, note: 'Counted twice' },
    ]);

    // Of a record that no entry here is about, only the server's copy is known.
    await device.online(page, false);
    await visit(page, '/assess');
    await page.getByRole('link', { name: /^School Assessment · Shelter/ }).click();
    await page.getByLabel('Note').fill('Counted again');
    await save(page, 'assessment');
    const [last] = await items(page, 'queue');
    assert.deepEqual(last?.patch, { note: 'Counted again' });
    await device.online(page, true);
    await drained(page, 90);
    assert.deepEqual(
      server.records('assessment').map(({ note }) => note),
      ['Counted again'],
    );
  },
  { seconds: 300 },
);

scenario(
  'what the server does not accept is said at its field, and corrected in its place',
  async ({ server, device }) => {
    const page = await installed(device);
    // This device knows nothing of the record, so only the server can tell that its site is empty.
    const id = await page.evaluate(async () => {
      const entityId = '01930000-0000-7000-8000-000000000007';
      const data = { kind: 'FOOD', site: 'Market', note: 'first' };
      const item = { id: entityId, type: 'ASSESSMENT', action: 'CREATE', entityId, createdAt: 1, data };
      await fetch('/api/v1/sync/push', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ deviceId: 'another', items: [item] }),
      });
      const change: Draft = {
        type: 'ASSESSMENT',
        action: 'UPDATE',
        entityId,
        baseVersion: 1,
        patch: { site: ' ' },
      };
      return (await (globalThis.fieldsync as Fieldsync).enqueue(change)).id;
    });
    await syncNow(page);
    await until(
      'it is set aside',
      () => items(page, 'queue'),
      ([item]) => item?.state === 'setAside',
      90,
    );
    await visit(page, `/sync/queue?item=${id}`);
    await page.getByRole('link', { name: 'Correct', exact: true }).click();
    await page.getByText('The server did not accept this.').waitFor();
    const said = page
      .getByRole('alert')
      .getByRole('link', { name: 'Enter a code, with no spaces around it.' });
    await said.waitFor();
    await accessible(page);
    await said.click();
    assert.equal(await page.getByLabel('Site').evaluate(field => field.matches(':focus')), true);
    await page.getByLabel('Site').fill('Market hall');
    await save(page, 'assessment');
    await drained(page, 90);
    assert.deepEqual(server.records('assessment'), [{ kind: 'FOOD', site: 'Market hall', note: 'first' }]);
  },
);

scenario(
  'a position is found with its accuracy, or typed where it may not be used',
  async ({ server, device }) => {
    const page = await installed(device);
    await device.isAt(page);
    await choose(page, 'Health');
    await page.getByRole('button', { name: 'Use my position' }).click();
    await page.getByText('This app may not use your position.').waitFor();
    assert.equal(await page.getByLabel('Latitude').evaluate(field => field.matches(':focus')), true);
    await accessible(page);
    await page.getByLabel('Site').fill('Clinic');
    await page.getByLabel('Latitude').fill('95');
    await page.getByRole('button', { name: 'Save assessment' }).click();
    await page.getByRole('link', { name: 'Position: enter latitude and longitude in degrees' }).click();
    await page.getByLabel('Longitude').fill('13,3779');
    await page.getByRole('button', { name: 'Save assessment' }).click();
    await page.getByRole('link', { name: 'Position: enter a latitude from -90 to 90' }).waitFor();
    await page.getByLabel('Latitude').fill('5.2621');
    await save(page, 'assessment');

    await device.isAt(page, { latitude: -1.2345678, longitude: 36.8, accuracy: 12.4 });
    await choose(page, 'Security');
    await page.getByRole('button', { name: 'Use my position' }).click();
    await page.getByText('Found, to within 12 m.').waitFor();
    await page.getByLabel('Site').fill('Bridge');
    await save(page, 'assessment');
    await drained(page, 90);
    const found = server.records('assessment').map(({ site, gps, gpsAccuracy }) => [site, gps, gpsAccuracy]);
    assert.deepEqual(found.sort(), [
      ['Bridge', [-1.234568, 36.8], 12],
      ['Clinic', [5.2621, 13.3779], undefined],
    ]);
  },
);
