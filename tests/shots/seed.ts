/** A day's work on the device, in every state that an item can be in. */
import type { Page } from 'playwright-core';
import type { Fieldsync } from '../../www/lib/client.ts';
import type { Draft } from '../../www/lib/generated.ts';
import { thisMonth } from '../e2e/support/app.ts';
import { anotherDevice, type Device, items, status, syncNow } from '../e2e/support/device.ts';
import { enterField } from '../e2e/support/field.ts';
import { until } from '../e2e/support/until.ts';

const enqueue = (page: Page, drafts: Draft[]) =>
  page.evaluate(async drafts => {
    for (const draft of drafts) await (globalThis.fieldsync as Fieldsync).enqueue(draft);
  }, drafts);

const reading = (unit: string, value: number, note?: string): Draft => ({
  type: 'READING',
  data: {
    property: 'P-1',
    unit,
    meter: 'water',
    period: thisMonth(),
    value,
    readAt: Date.now(),
    ...(note ? { note } : {}),
  },
});

/** Two conflicts and a refusal, something on the server, and work that waits for a connection. */
export async function seed(device: Device, page: Page): Promise<void> {
  for (const size of [12, 7, 21]) {
    await enqueue(
      page,
      Array.from({ length: size }, (_, n) => ({
        ...reading(`S${size}-${n}`, 200 + n * 13.5),
      })),
    );
    await syncNow(page);
  }
  const clash = { property: 'P-1', meter: 'water', period: thisMonth(), reader: 'tech-2' };
  await anotherDevice(page, { ...clash, unit: 'U1', value: 1_204.5, note: 'Read from the landing' });
  await anotherDevice(page, { ...clash, unit: 'U2', value: 310 });
  await enqueue(page, [reading('U1', 1_240.5, 'Glass is cracked, read twice'), reading('U2', 318)]);
  await enqueue(page, [
    {
      type: 'ASSESSMENT',
      action: 'UPDATE',
      entityId: '01930000-0000-7000-8000-000000000001',
      baseVersion: 1,
      patch: { note: 'Roof is gone' },
    },
  ]);
  await syncNow(page);
  await until(
    'all states are there',
    () => status(page),
    ({ totals }) => totals.conflict === 2 && totals.setAside === 1,
  );
  await device.online(page, false);
  await enterField(page, 60);
  const waiting = await items(page, 'queue');
  if (waiting.length < 60) throw new Error('the queue is not filled');
}
