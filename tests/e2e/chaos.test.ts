/**
 * Chaos: everything goes wrong at random while somebody enters things, and in the end each entry that was called saved is on the
 * server once, as it was left, in its order. `cargo xtask chaos` plays it for as long, and with the seed, that is asked for.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge, type Verdict } from '../chaos/oracle.ts';
import { CALM, Ours } from '../chaos/ours.ts';
import { chaos } from '../chaos/run.ts';
import type { Entered } from '../chaos/writer.ts';
import { drained, items } from './support/device.ts';
import { enterReadings } from './support/many.ts';
import { scenario } from './support/scenario.ts';
import type { Kept } from './support/server.ts';

const MINUTES = Number(process.env.FIELDSYNC_CHAOS_MINUTES ?? 2);
const SEED = Number(process.env.FIELDSYNC_CHAOS_SEED ?? 1);
/** Milliseconds between two entries, at most. */
const PAUSE = 500;
/** Minutes in which a server that takes things twice has to be caught. */
const SOON = 3;

/** What is wrong, by kind. */
const wrong = ({ lost, altered, twice, disordered, stuck }: Verdict) => ({
  lost,
  altered,
  twice,
  disordered,
  stuck,
});
const NOTHING = { lost: [], altered: [], twice: [], disordered: [], stuck: [] };

scenario(
  `${MINUTES} minutes of chaos, and nothing is lost, doubled or stuck`,
  async world => {
    const app = new Ours(world);
    const verdict = await chaos(app, { seed: SEED, minutes: MINUTES, pause: PAUSE });
    process.stdout.write(`# set aside and tried again: ${app.again.size}\n`);
    assert.deepEqual(wrong(verdict), NOTHING, `seed ${SEED}`);
    assert.ok(verdict.saved > 20 * MINUTES, 'somebody entered things');
  },
  { copy: true, seconds: MINUTES * 60 + CALM + 60 },
);

scenario(
  'chaos catches a server that forgets its receipts, by what is there twice',
  async world => {
    // Of the link those that can take an answer: with all of them minutes may go by before anything is sent twice.
    const kinds = { link: ['unanswered', 'cutShort', 'deaf'] as const };
    const course = { seed: SEED, minutes: SOON, pause: PAUSE, kinds };
    const { twice, lost } = await chaos(new Ours(world), {
      ...course,
      until: ({ twice }) => twice.length > 0,
    });
    process.stdout.write(`# ${twice.slice(0, 5).join('; ')}\n`);
    assert.ok(twice.length > 0, `seed ${SEED}: nothing came twice`);
    // Forgetting what it has taken loses nothing: what is found is the defect that was made.
    assert.deepEqual(lost, []);
  },
  { copy: true, forgetful: true, seconds: SOON * 60 + 60 },
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
    const { lost, altered, twice, disordered } = judge(entered, kept as unknown as Kept[]);
    return [lost.length, altered.length, twice.length, disordered.length];
  };
  const receipts = [receipt(1), receipt(2), receipt(3, 2), receipt(4)];
  assert.deepEqual(told(...receipts, record(1, 3), record(2), record(4)), [0, 0, 0, 0]);
  assert.deepEqual(told(...receipts, record(1, 3), record(2)), [0, 1, 0, 0], 'a record is away');
  assert.deepEqual(
    told(...receipts.slice(1), record(1, 3), record(2), record(4)),
    [1, 0, 0, 0],
    'a receipt is away',
  );
  assert.deepEqual(told(...receipts, record(1, 1), record(2), record(4)), [0, 1, 0, 0], 'a change is away');
  assert.deepEqual(
    told(...receipts, receipt(2, 2), record(1, 3), record(2), record(4)),
    [0, 0, 1, 0],
    'two receipts',
  );
  const again = { ...record(2), entityId: 'entity 9' };
  assert.deepEqual(
    told(...receipts, record(1, 3), record(2), again, record(4)),
    [0, 0, 1, 0],
    'under another id',
  );
  assert.deepEqual(
    told(...receipts, { ...record(1, 3), version: 2 }, { ...record(2), version: 2 }, record(4)),
    [0, 0, 1, 0],
    'a version that nobody made',
  );
  const late = [receipt(1, 2), receipt(2), receipt(3, 1), receipt(4)];
  assert.deepEqual(
    told(...late, record(1, 3), record(2), record(4)),
    [0, 0, 0, 1],
    'changed before it was made',
  );
  const { lost, stuck } = judge(entered, receipts.slice(1) as unknown as Kept[], ['item 1']);
  assert.deepEqual([lost.length, stuck.length], [0, 1], 'what is still on the device is not lost');
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
    const { saved, arrived, lost, altered } = judge(entered, server.export());
    assert.deepEqual([saved, arrived], [5, 0]);
    // Neither a receipt nor a record of each.
    assert.deepEqual([lost.length, altered.length], [5, 5]);
  },
);
