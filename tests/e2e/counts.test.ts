/**
 * What sending costs, counted and never timed: transactions an entry, pushes and their bytes, the engine's memory, and timers that
 * are left (docs/performance.md says which bar each is). Times are the bench's.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import type { Fieldsync } from '../../www/lib/client.ts';
import type { Draft } from '../../www/lib/generated.ts';
import { drained, ready, syncNow } from './support/device.ts';
import { scenario } from './support/scenario.ts';
import { view } from './support/scheduler.ts';
import { countByClock, countTimers } from './support/timers.ts';
import { until } from './support/until.ts';

interface FieldItem {
  type: 'READING' | 'ASSESSMENT' | 'MEDIA';
  data: Record<string, unknown>;
}

const ALL = JSON.parse(readFileSync('tests/data/field-items.json', 'utf8')) as FieldItem[];
/** What P4 speaks of: 600 readings and 380 assessments. */
const FORMS = ALL.filter(({ type }) => type !== 'MEDIA');
const MIB = 2 ** 20;
const HOUR = 3_600_000;
/** Bytes of the forms' pushes in a hundred of their JSON, at most (P4). */
const FORMS_MOST = 17;
/** The same of changes of one field, in a hundred of the records' JSON (P4). */
const CHANGES_MOST = 5;

/** What a list comes to as JSON. */
const bytes = (list: object[]) =>
  list.reduce((sum, each) => sum + Buffer.byteLength(JSON.stringify(each)), 0);

/** Enters all, one after another; answers their records' ids, and the transactions of each that are flushed. */
const enter = (page: Page, drafts: object[]) =>
  page.evaluate(async drafts => {
    const client = globalThis.fieldsync as Fieldsync;
    const { transaction } = IDBDatabase.prototype;
    const each: string[] = [];
    let now: string[] = [];
    IDBDatabase.prototype.transaction = function (stores, mode, options) {
      if (mode === 'readwrite' && options?.durability === 'strict') now.push(this.name);
      return transaction.call(this, stores, mode, options);
    };
    const ids: string[] = [];
    for (const draft of drafts) {
      now = [];
      ids.push((await client.enqueue(draft as Draft)).entityId);
      each.push(now.join(', '));
    }
    IDBDatabase.prototype.transaction = transaction;
    return { each, ids };
  }, drafts);

scenario('a day of forms costs no more transactions, bytes, memory and timers than it may', async world => {
  const { device, server } = world;
  const page = await device.install();
  await device.online(page, false);
  const { each, ids } = await enter(
    page,
    FORMS.map(({ type, data }) => ({ type, data })),
  );
  assert.deepEqual(new Set(each), new Set(['fieldsync']), 'one flushed transaction each');

  const timers = await countTimers(device.worker());
  await device.online(page, true);
  await drained(page);
  assert.equal(server.receipts().length, FORMS.length);
  const forms = await server.sent();
  const share = (100 * forms.bytes) / bytes(FORMS);
  const memory = [
    await page.evaluate(() => (globalThis.fieldsync as Fieldsync).memory()),
    await device.workerMemory(),
  ];

  await device.online(page, false);
  const changed = FORMS.map(({ type, data }, at) => ({
    type,
    action: 'UPDATE',
    entityId: ids[at],
    data: { ...data, population: 10_000 + at },
  })).filter(({ type }) => type === 'ASSESSMENT');
  await enter(page, changed);
  await device.online(page, true);
  await drained(page);
  const changes = (await server.sent()).bytes - forms.bytes;
  const ofChanges = (100 * changes) / bytes(changed.map(({ data }) => data));

  process.stdout.write(
    `# ${forms.bytes} bytes in ${forms.pushes} pushes, ${share.toFixed(1)} % of the forms; ${changes} bytes of changes, ` +
      `${ofChanges.toFixed(2)} %; memory ${memory.map(taken => (taken / MIB).toFixed(1)).join(' and ')} MiB\n`,
  );
  assert.ok(share <= FORMS_MOST, `${share} % of the forms`);
  assert.ok(ofChanges <= CHANGES_MOST, `${ofChanges} % of the records`);
  assert.ok(
    memory.every(taken => taken <= 8 * MIB),
    `the engine in page and worker: ${memory} bytes`,
  );
  assert.equal((await timers()).open, 0, 'nothing is left to go off in the worker');
});

scenario('a page with nothing to do is not woken, and asks nothing', async ({ device, server }) => {
  const page = await device.install();
  const timers = await countByClock(page);
  await ready(page);
  // The check that belongs to its start asks the server, and the clock must not run on meanwhile: only up to its beginning.
  await until(
    'the first check is over and shown, and there is a timer for the next one alone',
    async () => {
      const seen = await view(page);
      const left = (seen?.nextRun ?? 0) - (await page.evaluate(() => Date.now()));
      if (left > 0 && left < HOUR) await page.clock.runFor(left);
      return { left, ...(await timers()) };
    },
    ({ left, open }) => left > HOUR && open === 1,
  );
  const { fired } = await timers();
  await page.clock.runFor(600_000);
  assert.equal((await timers()).fired - fired, 0, 'woken in ten minutes');
  assert.deepEqual(await server.sent(), { pushes: 0, bytes: 0 });
});

scenario('a worker that was ended starts again from what is kept, without a request', async ({ device }) => {
  const page = await device.install();
  await device.endWorkers(page);
  await syncNow(page);
  const fetched = await device
    .worker()
    .evaluate(() => performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname));
  assert.deepEqual(
    fetched.filter(path => !path.startsWith('/api/')),
    [],
    'of the app itself',
  );
  process.stdout.write(`# ${fetched.join(' ')}\n`);
});
