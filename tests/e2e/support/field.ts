/** A day in the field: entries of every kind, and the check that each of them arrived once. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import type { Fieldsync } from '../../../www/lib/client.ts';
import type { Draft, Progress } from '../../../www/lib/generated.ts';
import { items } from './device.ts';
import type { Server } from './server.ts';
import { until } from './until.ts';

const file = new URL('../../data/field-items.json', import.meta.url);

/** Enters so many of a day's entries, as a script would; `from` where others were entered before. */
export async function enterField(page: Page, count: number, from = 0): Promise<void> {
  const field = (JSON.parse(await readFile(file, 'utf8')) as Draft[]).slice(from, from + count);
  assert.equal(field.length, count);
  await page.evaluate(async drafts => {
    for (const draft of drafts) await (globalThis.fieldsync as Fieldsync).enqueue(draft);
  }, field);
}

/** Keeps every progress that the page is told of; answers how to read them. */
export async function followProgress(page: Page): Promise<() => Promise<Progress[]>> {
  await page.evaluate(() => {
    const seen: unknown[] = [];
    Object.assign(globalThis, { seen });
    (globalThis.fieldsync as Fieldsync).on(event => void ('progress' in event && seen.push(event.progress)));
  }, undefined);
  return () => page.evaluate(() => (globalThis as unknown as { seen: Progress[] }).seen);
}

/**
 * Waits until the page was told that so many are sent, over all drains: one ends where the link breaks off or its time is over,
 * and the next counts what is left. The counts never exceed what there is, and end with all of it.
 */
export async function addUp(progress: () => Promise<Progress[]>, count: number): Promise<void> {
  const isLast = (seen: Progress[], at: number) => seen[at + 1]?.startedAt !== seen[at]?.startedAt;
  const sent = (seen: Progress[]) =>
    seen.reduce((sum, { completedItems }, at) => sum + (isLast(seen, at) ? completedItems : 0), 0);
  const seen = await until('the page is told of all', progress, seen => sent(seen) >= count);
  let left = count;
  for (const [at, { totalItems, completedItems, failedItems }] of seen.entries()) {
    assert.ok(completedItems + failedItems <= totalItems && totalItems === left);
    if (isLast(seen, at)) left -= completedItems;
  }
  assert.deepEqual([left, seen.at(-1)?.failedItems], [0, 0]);
}

/** So many are on the server, each once, and nothing waits on the device. */
export async function arrivedOnce(server: Server, page: Page, count: number): Promise<void> {
  const receipts = server.receipts().map(receipt => receipt.itemId);
  assert.equal(new Set(receipts).size, count);
  assert.equal(receipts.length, count, 'each once');
  assert.equal((await items(page, 'queue')).length, 0);
}
