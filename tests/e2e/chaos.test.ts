/**
 * Chaos: everything goes wrong at random while somebody enters things, and in the end each entry that was called saved is on the
 * server once, as it was left, in its order. `cargo xtask chaos` plays it for as long, and with the seed, that is asked for.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Faults } from '../chaos/faults.ts';
import { judge } from '../chaos/oracle.ts';
import { planOf } from '../chaos/plan.ts';
import { type Entered, Writer } from '../chaos/writer.ts';
import { drained, items, syncNow } from './support/device.ts';
import { enterReadings } from './support/many.ts';
import { scenario } from './support/scenario.ts';
import type { Kept } from './support/server.ts';
import { until } from './support/until.ts';
import { setUp } from './support/vault.ts';

const MINUTES = Number(process.env.FIELDSYNC_CHAOS_MINUTES ?? 2);
const SEED = Number(process.env.FIELDSYNC_CHAOS_SEED ?? 1);
/** Milliseconds between two entries, at most. */
const PAUSE = 500;
/** Seconds in which everything has to be sent once nothing goes wrong any more. */
const CALM = 300;

const listed = (all: Map<string, number>) => [...all].map(([what, count]) => `${what} ${count}`).join(', ');

scenario(
  `${MINUTES} minutes of chaos, and nothing is lost, doubled or stuck`,
  async world => {
    const { device, server } = world;
    const first = await device.install();
    await setUp(first, { keep: true });
    const faults = new Faults(world);
    faults.pages = [first];
    const writer = new Writer(SEED, () => faults.pages, PAUSE);

    const writing = writer.run();
    const over = setTimeout(() => faults.stop(), MINUTES * 60_000);
    await faults.run(planOf(SEED, MINUTES * 60_000));
    clearTimeout(over);
    writer.stop();
    await writing;

    const page = await faults.mend();
    const aside = new Set<string>();
    // What is left is told whole: a clash, say, that nobody else can have caused.
    await until(
      'everything is sent',
      async () => {
        const left = await items(page, 'queue');
        // Refused too often by what stood between: a person tries again.
        for (const { id, state } of left) {
          if (state !== 'setAside' || aside.has(id)) continue;
          aside.add(id);
          await page.evaluate(id => globalThis.fieldsync?.retry(id), id);
        }
        if (left.length > 0) await syncNow(page);
        return left.slice(0, 5);
      },
      left => left.length === 0,
      CALM,
    );
    const verdict = judge(writer.entered, server.export());
    process.stdout.write(
      `# chaos, seed ${SEED}, ${MINUTES} min: ${writer.entered.length} entered, ${verdict.saved} called saved, ` +
        `${verdict.synced} synced; lost ${verdict.lost.length}, twice ${verdict.twice.length}, ` +
        `out of order ${verdict.disordered.length}, stuck 0; set aside and tried again ${aside.size}\n` +
        `# faults: ${listed(faults.done)}; refused: ${listed(writer.refused) || 'none'}\n`,
    );
    const { lost, twice, disordered } = verdict;
    assert.deepEqual({ lost, twice, disordered }, { lost: [], twice: [], disordered: [] }, `seed ${SEED}`);
    assert.ok(verdict.saved > 20 * MINUTES, 'somebody entered things');
  },
  { copy: true, seconds: MINUTES * 60 + CALM + 60 },
);

test('what is lost, doubled, changed or out of order is told', () => {
  const reading = (n: number, change?: string): Entered => {
    const first = change ? 1 : n;
    const data = { unit: `C${first}`, note: `chaos ${n}` };
    const entityId = `entity ${first}`;
    return {
      mark: `chaos ${n}`,
      kind: 'READING',
      data,
      item: { id: `item ${n}`, entityId },
      ...(change && { changes: change }),
    };
  };
  const entered = [reading(1), reading(2), reading(3, 'entity 1'), reading(4)];
  const receipt = (n: number, version = 1) => ({ kind: 'receipt', itemId: `item ${n}`, version });
  const record = (n: number, note = n) => ({
    kind: 'reading',
    entityId: `entity ${n}`,
    data: { unit: `C${n}`, note: `chaos ${note}` },
  });
  const told = (...kept: object[]) => {
    const { lost, twice, disordered } = judge(entered, kept as unknown as Kept[]);
    return [lost.length, twice.length, disordered.length];
  };
  const receipts = [receipt(1), receipt(2), receipt(3, 2), receipt(4)];
  assert.deepEqual(told(...receipts, record(1, 3), record(2), record(4)), [0, 0, 0]);
  assert.deepEqual(told(...receipts, record(1, 3), record(2)), [1, 0, 0], 'a record is away');
  assert.deepEqual(
    told(...receipts.slice(1), record(1, 3), record(2), record(4)),
    [1, 0, 0],
    'a receipt is away',
  );
  assert.deepEqual(told(...receipts, record(1, 1), record(2), record(4)), [1, 0, 0], 'a change is away');
  assert.deepEqual(
    told(...receipts, receipt(2, 2), record(1, 3), record(2), record(4)),
    [0, 1, 0],
    'two receipts',
  );
  const again = { ...record(2), entityId: 'entity 9' };
  assert.deepEqual(
    told(...receipts, record(1, 3), record(2), again, record(4)),
    [0, 1, 0],
    'under another id',
  );
  const late = [receipt(1, 2), receipt(2), receipt(3, 1), receipt(4)];
  assert.deepEqual(
    told(...late, record(1, 3), record(2), record(4)),
    [0, 0, 1],
    'changed before it was made',
  );
});

scenario(
  'what a liar in between has receipts for and keeps for itself is told as lost',
  async ({ device, server }) => {
    const page = await device.install();
    const entered: Entered[] = [];
    server.strain('liar');
    await enterReadings(page, 'P-9', 0, 5);
    await drained(page);
    for (const { id, entityId } of await items(page, 'done')) {
      entered.push({ mark: id, kind: 'READING', data: {}, item: { id, entityId } });
    }
    server.strain();
    const { saved, synced, lost } = judge(entered, server.export());
    assert.deepEqual([saved, synced], [5, 0]);
    // Neither a receipt nor a record of each.
    assert.equal(lost.length, 10);
  },
);
