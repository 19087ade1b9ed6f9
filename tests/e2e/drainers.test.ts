/**
 * Two tabs and the worker are asked to drain at once, again and again: nothing is sent twice. `FIELDSYNC_ROUNDS` sets how
 * often; the test command's runs are few.
 */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { Fieldsync } from '../../www/lib/client.ts';
import { drained, items } from './support/device.ts';
import { scenario } from './support/scenario.ts';

const ROUNDS = Number(process.env.FIELDSYNC_ROUNDS ?? 20);
/** Entered in each tab before each round. */
const EACH = 2;
/** A drain begins with a ping window of a few seconds; where a ping is missed, with another. */
const SECONDS = 90 + 12 * ROUNDS;

/** Enters some in this tab. */
const enter = (page: Page, round: number, tab: string) =>
  page.evaluate(
    async ({ round, tab, each }) => {
      const readings = Array.from({ length: each }, (_, n) => ({
        property: 'P-1',
        unit: `${tab}-${round}-${n}`,
        period: '2026-11',
        value: n,
        readAt: Date.now(),
      }));
      const client = globalThis.fieldsync as Fieldsync;
      await Promise.all(readings.map(data => client.enqueue({ type: 'READING', data })));
    },
    { round, tab, each: EACH },
  );

/** What this tab can do to have it sent: press the button, wake its engine, ask the worker itself. */
const askAll = (page: Page) =>
  page.evaluate(async () => {
    const client = globalThis.fieldsync as Fieldsync;
    const { port1, port2 } = new MessageChannel();
    const worker = new Promise(resolve => {
      port1.onmessage = resolve;
    });
    navigator.serviceWorker.controller?.postMessage({ type: 'fieldsync:wake', cause: 'visible' }, [port2]);
    await Promise.all([client.syncNow(), client.wake({ cause: 'visible' }), worker]);
  });

scenario(
  `two tabs and the worker, asked ${ROUNDS} times at once, send nothing twice`,
  async ({ server, device }) => {
    const one = await device.install();
    const other = await device.open();
    for (let round = 0; round < ROUNDS; round++) {
      await Promise.all([enter(one, round, 'A'), enter(other, round, 'B')]);
      await Promise.all([askAll(one), askAll(other)]);
      await drained(one);
    }
    const count = ROUNDS * 2 * EACH;
    assert.equal(server.receipts().length, count);
    // A second first send would have been answered as a replay.
    const done = await items(one, 'done');
    assert.equal(done.length, Math.min(count, 500));
    assert.deepEqual([...new Set(done.map(item => item.receipt?.status))], ['applied']);
  },
  { seconds: SECONDS },
);
