/** Whole days without a network, with all that comes up, on the screens of the app alone. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { enter, holds, rows, thisMonth, type } from './support/app.ts';
import { draftKept } from './support/app-store.ts';
import { choose, installed, save } from './support/assess.ts';
import { accessible } from './support/axe.ts';
import { evening, killed, noon, waiting } from './support/day.ts';
import { kept } from './support/device.ts';
import { followMessages } from './support/messages.ts';
import { addPhoto, jpeg } from './support/photo.ts';
import { codesAre, holdCode, scan } from './support/scan.ts';
import { scenario } from './support/scenario.ts';

/** Waits until the app says that a reading is saved. */
const saved = (page: Page, what: string) =>
  page.getByRole('status').filter({ hasText: 'Saved on this device' }).filter({ hasText: what }).waitFor();

/** Saves what the form holds, and waits until the app says so. */
async function saveReading(page: Page, unit: string): Promise<void> {
  await page.getByRole('button', { name: 'Save reading' }).click();
  await saved(page, unit);
}

scenario(
  'a day of reading meters: scanned, typed, clashing, corrected, cut off, updated, and each once on the server',
  async ({ server, device }) => {
    await holdCode(device, 4);
    const page = await device.install();
    await kept(page, 'code-reader', 2);
    await page.getByRole('link', { name: 'Route' }).click();
    await page.getByText(/· 0 of 26 read/).waitFor();
    await device.online(page, false);

    // Along the route.
    for (const [value, at] of [
      ['1204', 'P-1/U1/water'],
      ['500', 'P-1/U1/electricity'],
    ] as const) {
      await page.getByRole('link', { name: /Read the next/ }).click();
      await codesAre(page, at);
      await page.getByLabel('Value', { exact: true }).fill(value);
      await saveReading(page, 'U1');
      await page.getByRole('link', { name: 'Route' }).click();
    }
    await page.getByText(/· 2 of 26 read/).waitFor();
    await page.getByRole('link', { name: 'Read', exact: true }).click();

    // A printed code, and a photo of a dial that is hard to read.
    await scan(device, page, 'P-1/U3/water');
    await page.getByLabel('Value', { exact: true }).fill('77,5');
    await addPhoto(page);
    await saveReading(page, 'U3');
    await waiting(page, 4);

    // A meter that was read before: once the earlier value stays, once the later one.
    const u1 = { property: 'P-1', unit: 'U1', meter: 'water' };
    await type(page, { ...u1, value: '1300' });
    await page.getByRole('button', { name: 'Save reading' }).click();
    const dialog = page.getByRole('dialog', { name: 'This meter has a reading already' });
    await dialog.getByText('1204', { exact: true }).waitFor();
    await dialog.getByText('1300', { exact: true }).waitFor();
    await dialog.getByRole('button', { name: 'Keep 1204' }).click();
    await type(page, { property: 'P-1', unit: 'U3', meter: 'water', value: '78' });
    await page.getByRole('button', { name: 'Save reading' }).click();
    await dialog.getByRole('button', { name: 'Replace with 78' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await saved(page, 'U3');
    await waiting(page, 4);

    // A slip, corrected while it waits.
    const row = rows(page, 'pending').filter({ hasText: 'electricity' });
    await row.locator('summary').click();
    await row.getByRole('button', { name: 'Correct' }).click();
    const value = page.getByLabel('Value', { exact: true });
    await holds(value, '500');
    await value.fill('510');
    await saveReading(page, 'U1');
    await waiting(page, 4);

    // Two tabs.
    const other = await device.open();
    await waiting(other, 4);
    await enter(other, { property: 'P-2', unit: 'U1', meter: 'gas', value: '9' });
    await waiting(page, 5);
    await type(page, { property: 'P-2', unit: 'U1', meter: 'gas', value: '10' });
    await page.getByRole('button', { name: 'Save reading' }).click();
    await dialog.getByRole('button', { name: 'Keep 9' }).click();

    // The phone gives up in the midst of an entry.
    await type(page, { property: 'P-2', unit: 'U2', meter: 'heat', value: '333', note: 'behind the door' });
    await draftKept(page, 'readings', 'behind the door');
    const next = await killed(device);
    await waiting(next, 5);
    await holds(next.getByLabel('Note (optional)'), 'behind the door');
    await saveReading(next, 'U2');
    await waiting(next, 6);

    await noon(server, device, next);
    await waiting(next, 6);
    await enter(next, { property: 'P-2', unit: 'U3', meter: 'water', value: '41' });
    await accessible(next);
    await evening(device, next, 7);

    await next.getByRole('link', { name: 'Route' }).click();
    await next.getByText(/· 6 of 26 read/).waitFor();
    await next.getByText('3 meters are read').first().click();
    assert.equal(await next.getByText(/· on the server/).count(), 6);
    await next.getByRole('link', { name: 'Read', exact: true }).click();
    await rows(next, 'done').nth(6).waitFor();
    assert.equal(await rows(next, 'done').count(), 7);

    const found = server.readings().map(({ data }) => {
      assert.equal(data?.period, thisMonth());
      return `${data?.property}/${data?.unit}/${data?.meter} ${data?.value}`;
    });
    assert.deepEqual(found.sort(), [
      'P-1/U1/electricity 510',
      'P-1/U1/water 1204',
      'P-1/U3/water 78',
      'P-2/U1/gas 9',
      'P-2/U2/heat 333',
      'P-2/U3/water 41',
    ]);
    const u3 = server.readings().find(({ data }) => data?.property === 'P-1' && data.unit === 'U3');
    assert.deepEqual(
      server.records('media').map(({ of }) => of),
      [u3?.entityId],
    );
    assert.equal(server.receipts().length, 7);
  },
  { copy: true, seconds: 500 },
);

scenario(
  'a day of assessing sites: with responses, a change, a photo, cut off, updated, and each once on the server',
  async ({ server, device }) => {
    const anna = { email: 'anna@example.org', password: 'the old oak tree' };
    server.addUser(anna.email, anna.password);
    const page = await installed(device);
    await page.getByRole('link', { name: 'Your account' }).click();
    await page.getByLabel('E-mail').fill(anna.email);
    await page.getByLabel('Password').fill(anna.password);
    const said = await followMessages(page);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await said(`Signed in as ${anna.email}`);
    await device.isAt(page, { latitude: 5.2621, longitude: 13.3779, accuracy: 8 });
    await device.online(page, false);

    // A site with a photo, and what is to be done there.
    await choose(page, 'Health');
    await page.getByLabel('Site').fill('Clinic');
    await page.getByRole('button', { name: 'Use my position' }).click();
    await page.getByText('Found, to within 8 m.').waitFor();
    await addPhoto(page);
    await save(page, 'assessment');
    await page.getByRole('link', { name: 'Plan a response' }).click();
    await page.getByLabel('What is to be done').fill('Two nurses');
    await save(page, 'response');

    // Counted again: a change of what waits.
    await page.getByRole('link', { name: /^Sync/ }).click();
    await page.getByRole('link', { name: /^Queue/ }).click();
    await page.getByRole('link', { name: /^Clinic/ }).click();
    await page.getByRole('link', { name: 'Change', exact: true }).click();
    await page.getByLabel('People affected').fill('40');
    await save(page, 'assessment');

    // The phone gives up in the midst of the next.
    await choose(page, 'Shelter');
    await page.getByLabel('Site').fill('School');
    await draftKept(page, 'drafts', 'School');
    const next = await killed(device);
    await waiting(next, 4);
    await next.getByRole('heading', { name: 'Unfinished' }).waitFor();
    await next.getByRole('link', { name: /^Shelter School/ }).click();
    await holds(next.getByLabel('Site'), 'School');
    await next.getByLabel('Destroyed').fill('12');
    await save(next, 'assessment');

    // In another tab, the response to it.
    const other = await device.open('/sync/queue');
    await other.getByRole('link', { name: /^School/ }).click();
    await other.getByRole('link', { name: 'Plan a response' }).click();
    await other.getByLabel('What is to be done').fill('Tents for 12 families');
    await save(other, 'response');
    await next.getByRole('link', { name: 'Read', exact: true }).click();
    await waiting(next, 6);
    await other.close();

    await noon(server, device, next);
    await waiting(next, 6);
    await evening(device, next, 6);

    const [clinic, school] = ['Clinic', 'School'].map(site =>
      server.export().find(({ kind, data }) => kind === 'assessment' && JSON.stringify(data).includes(site)),
    );
    assert.equal(server.records('assessment').length, 2);
    assert.deepEqual(clinic?.data, {
      kind: 'HEALTH',
      site: 'Clinic',
      population: 40,
      gps: [5.2621, 13.3779],
      gpsAccuracy: 8,
    });
    assert.equal(clinic?.version, 2, 'made, and changed once');
    const responses = server.records('response').map(({ assessmentId, plan }) => [assessmentId, plan]);
    assert.deepEqual(
      responses.sort(),
      [
        [clinic?.entityId, 'Two nurses'],
        [school?.entityId, 'Tents for 12 families'],
      ].sort(),
    );
    const [photo] = server.records('media');
    assert.equal(server.records('media').length, 1);
    assert.equal(photo?.of, clinic?.entityId);
    assert.equal(jpeg(server.content(photo ?? {})).exif, false);
    assert.equal(server.receipts().length, 6);
  },
  { copy: true, accounts: true, seconds: 500 },
);
