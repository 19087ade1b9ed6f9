/** A second reading for the same property, unit, meter and period. */
import assert from 'node:assert/strict';
import { enter, rows, thisMonth, type } from './support/app.ts';
import { anotherDevice, drained, items, status, syncNow } from './support/device.ts';
import { scenario } from './support/scenario.ts';
import { until } from './support/until.ts';

scenario(
  'the server refuses a second reading as a conflict and applies the rest of its batch',
  async ({ server, device }) => {
    const page = await device.install();
    await syncNow(page); // and knows what the server has
    await anotherDevice(page, {
      property: 'P-1',
      unit: 'U1',
      meter: 'water',
      period: thisMonth(),
      value: 100,
    });
    await device.online(page, false);
    await enter(page, { property: 'P-1', unit: 'U2', meter: 'water', value: '7' });
    await enter(page, { property: 'P-1', unit: 'U1', meter: 'water', value: '250' }); // another device was there before
    await enter(page, { property: 'P-1', unit: 'U3', meter: 'water', value: '9' });
    await device.online(page, true);
    await until(
      'one is left',
      () => status(page),
      seen => seen.queueSize === 1 && seen.totals.conflict === 1,
      90,
    );
    assert.deepEqual(
      server
        .readings()
        .map(kept => [kept.data?.unit, kept.data?.value])
        .sort(),
      [
        ['U1', 100],
        ['U2', 7],
        ['U3', 9],
      ],
    );
    const [conflict] = await items(page, 'queue');
    assert.equal(conflict?.error?.code, 'duplicate_reading');
    const row = rows(page, 'conflict');
    await row.getByText('250').first().waitFor(); // mine
    await row.getByText('100').first().waitFor(); // the server's
    await page.getByText('Synced: 2 | Failed: 1').first().waitFor();
    await row.getByRole('button', { name: 'Keep mine' }).click();
    await drained(page, 90);
    const kept = server.readings().filter(reading => reading.data?.unit === 'U1');
    assert.deepEqual(
      kept.map(reading => [reading.data?.value, reading.version]),
      [[250, 2]],
      'the choice is a change of the server’s record',
    );
  },
);

scenario(
  'a reading that the server has is shown before another is saved, and changed',
  async ({ server, device }) => {
    const page = await device.install();
    await anotherDevice(page, { property: 'P-1', unit: 'U1', period: thisMonth(), value: 100 });
    await syncNow(page);
    await device.online(page, false);
    await type(page, { property: 'P-1', unit: 'U1', value: '120' });
    await page.getByRole('button', { name: 'Save reading' }).click();
    const question = page.getByRole('dialog').filter({ hasText: '120' });
    await question.getByText('100').first().waitFor();
    await question.getByRole('button', { name: /Replace/ }).click();
    await page.getByRole('status').filter({ hasText: 'Saved on this device' }).waitFor();
    await device.online(page, true);
    await drained(page, 90);
    assert.deepEqual(
      server.readings().map(kept => [kept.data?.value, kept.version]),
      [[120, 2]],
    );
  },
);

scenario(
  'a second reading on the same device is shown before it is saved, with both values',
  async ({ server, device }) => {
    const page = await device.install();
    await device.online(page, false);
    await enter(page, { property: 'P-1', unit: 'U1', value: '100' });
    await type(page, { property: 'P-1', unit: 'U1', value: '120' });
    await page.getByRole('button', { name: 'Save reading' }).click();
    const question = page.getByRole('dialog').filter({ hasText: '120' });
    await question.waitFor();
    assert.match(await question.innerText(), /100/);
    assert.equal((await items(page, 'queue')).length, 1, 'nothing is saved by itself');
    await question.getByRole('button', { name: /Replace/ }).click();
    await page.getByRole('status').filter({ hasText: 'Saved on this device' }).waitFor();
    await device.online(page, true);
    await drained(page, 90);
    assert.deepEqual(
      server.readings().map(kept => kept.data?.value),
      [120],
    );
  },
);
