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

/** How much of it there is: so many entries in each earlier sync, and so often two conflicts and a refusal. */
interface Amount {
  earlier?: number[];
  times?: number;
}

/** Two conflicts and a refusal, something on the server, and work that waits for a connection. */
export async function seed(
  device: Device,
  page: Page,
  { earlier = [12, 7, 21], times = 1 }: Amount = {},
): Promise<void> {
  for (const size of earlier) {
    await enqueue(
      page,
      Array.from({ length: size }, (_, n) => ({
        ...reading(`S${size}-${n}`, 200 + n * 13.5),
      })),
    );
    await syncNow(page);
  }
  const clash = { property: 'P-1', meter: 'water', period: thisMonth(), reader: 'tech-2' };
  for (let n = 1; n <= times; n++) {
    const [one, other] = [`U${2 * n - 1}`, `U${2 * n}`];
    await anotherDevice(page, { ...clash, unit: one, value: 1_204.5, note: 'Read from the landing' });
    await anotherDevice(page, { ...clash, unit: other, value: 310 });
    await enqueue(page, [
      reading(one, 1_240.5, 'Glass is cracked, read twice'),
      reading(other, 318),
      {
        type: 'ASSESSMENT',
        action: 'UPDATE',
        entityId: `01930000-0000-7000-8000-00000000000${n}`,
        baseVersion: 1,
        patch: { note: 'Roof is gone' },
      },
    ]);
  }
  await syncNow(page);
  await until(
    'all states are there',
    () => status(page),
    ({ totals }) => totals.conflict === 2 * times && totals.setAside === times,
    90,
  );
  await device.online(page, false);
  await enterField(page, 60);
  const waiting = await items(page, 'queue');
  if (waiting.length < 60) throw new Error('the queue is not filled');
}
