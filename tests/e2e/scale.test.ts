/**
 * A long queue: it is entered, paged through and drained in memory that does not grow with it (P5). `FIELDSYNC_ITEMS`
 * sets how long; the test command's is short. `cargo xtask bench growth` plays it with 100,000.
 */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { Fieldsync } from '../../www/lib/client.ts';
import { atMost, writeBars } from '../peers/bars.ts';
import { drained, status } from './support/device.ts';
import { enterReadings, pause } from './support/many.ts';
import { scenario, type World } from './support/scenario.ts';

const ASKED = process.env.FIELDSYNC_ITEMS;
const ITEMS = Number(ASKED ?? 2_000);
/** What a short queue is, and how many are entered in turns. */
const SHORT = Math.min(1_000, ITEMS / 2);
const CHUNK = SHORT / 10;
const MIB = 2 ** 20;
const SECONDS = 240 + ITEMS / 50;

/** Walks the whole list, a page after the other, and answers how many it shows. */
const walk = (page: Page) =>
  page.evaluate(async () => {
    const client = globalThis.fieldsync as Fieldsync;
    let before: string | undefined;
    let seen = 0;
    for (;;) {
      const listing = await client.list({ limit: 500, ...(before ? { before } : {}) });
      seen += listing.items.length;
      if (!listing.next) return seen;
      before = listing.next;
    }
  });

/** Comments in the start page's list that stand for no row: two mark a row, two and the list's own the end. */
const left = (page: Page) =>
  page
    .locator('fs-list ol')
    .first()
    .evaluate(list => Math.max(0, list.childNodes.length - 3 * list.children.length - 4));

const memory = (page: Page) => page.evaluate(() => (globalThis.fieldsync as Fieldsync).memory());

/** Sends what is queued, and answers the milliseconds an item that took. */
async function drain({ server }: World, page: Page, count: number): Promise<number> {
  const before = server.receipts().length;
  const began = performance.now();
  await pause(page, false);
  await drained(page, SECONDS);
  const took = (performance.now() - began) / count;
  assert.equal(server.receipts().length - before, count, 'each once');
  return took;
}

scenario(
  `${ITEMS} queued items are entered, paged through and drained in bounded memory`,
  async world => {
    const { device } = world;
    const page = await device.install();
    await pause(page, true);
    await enterReadings(page, 'P-1', 0, ITEMS - SHORT);
    // Beside it a device with a short queue, in turns: what else the machine does slows both.
    const other = await world.another();
    const short = await other.install();
    await pause(short, true);
    let [few, many] = [0, 0];
    for (let n = 0; n < SHORT; n += CHUNK) {
      few += await enterReadings(short, 'P-2', n, CHUNK);
      many += await enterReadings(page, 'P-1', ITEMS - SHORT + n, CHUNK);
    }
    assert.equal((await status(page)).queueSize, ITEMS);
    assert.equal(await left(page), 0, 'the rows that others pushed out of the list have left nothing behind');
    assert.equal(await walk(page), ITEMS);
    const each = [await drain(world, short, SHORT), await drain(world, page, ITEMS)];
    const took = [await memory(page), await device.workerMemory()];
    const ms = (total: number) => `${total.toFixed(2)} ms`;
    process.stdout.write(
      `# ${ITEMS} items beside ${SHORT}: enqueue ${ms(many / SHORT)} and ${ms(few / SHORT)} each, ` +
        `drain ${ms(each[1] as number)} and ${ms(each[0] as number)}; ` +
        `wasm memory ${took.map(bytes => `${bytes / MIB} MiB`).join(' in the page, ')} in the worker\n`,
    );
    if (ASKED)
      writeBars('growth', [
        ...atMost(`P6 enqueue with ${ITEMS} queued ÷ with ${SHORT}`, 1.2, [many / few]),
        ...atMost(`P6 drain of ${ITEMS} ÷ of ${SHORT}, an item`, 1.2, [
          (each[1] as number) / (each[0] as number),
        ]),
        ...atMost(`P5 the engine’s memory with ${ITEMS}, MiB`, 16, [Math.max(...took) / MIB]),
      ]);
    const bar = ITEMS > 1_000 ? 16 : 8;
    assert.ok(
      took.every(bytes => bytes <= bar * MIB),
      JSON.stringify(took),
    );
  },
  { seconds: SECONDS },
);
