/** A thousand items of every kind, as a day in the field leaves them. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { Draft, Progress } from '../../www/lib/generated.ts';
import { drained, items } from './support/device.ts';
import { scenario } from './support/scenario.ts';

const file = new URL('../data/field-items.json', import.meta.url);

scenario('1,000 mixed items drain, each once, with counts that add up', async ({ server, device }) => {
  const field = JSON.parse(await readFile(file, 'utf8')) as Draft[];
  const page = await device.install();
  await device.online(page, false);
  await page.evaluate(async drafts => {
    const { fieldsync } = globalThis;
    if (!fieldsync) throw new Error('the engine is not there');
    for (const draft of drafts) await fieldsync.enqueue(draft);
  }, field);
  await page.evaluate(() => {
    const seen: unknown[] = [];
    Object.assign(globalThis, { seen });
    globalThis.fieldsync?.on(event => void ('progress' in event && seen.push(event.progress)));
  });
  await device.online(page, true);
  await drained(page);
  const seen = await page.evaluate(() => (globalThis as unknown as { seen: Progress[] }).seen);
  for (const { totalItems, completedItems, failedItems } of seen) {
    assert.ok(completedItems + failedItems <= totalItems && totalItems === field.length);
  }
  assert.deepEqual([seen.at(-1)?.completedItems, seen.at(-1)?.failedItems], [field.length, 0]);
  const receipts = server.receipts().map(receipt => receipt.itemId);
  assert.equal(new Set(receipts).size, field.length);
  assert.equal(receipts.length, field.length, 'each once');
  assert.equal((await items(page, 'queue')).length, 0);
});
