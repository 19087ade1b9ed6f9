/**
 * Chaos: everything goes wrong at random while somebody enters things, and in the end each entry that was called saved is on the
 * server once, as it was left, in its order. `cargo xtask chaos` plays it for as long, and with the seed, that is asked for.
 */
import assert from 'node:assert/strict';
import { Faults } from '../chaos/faults.ts';
import { judge } from '../chaos/oracle.ts';
import { planOf } from '../chaos/plan.ts';
import { Writer } from '../chaos/writer.ts';
import { items, status, syncNow } from './support/device.ts';
import { scenario } from './support/scenario.ts';
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
    const left = await until(
      'everything is sent',
      async () => {
        // Refused too often by what stood between: a person tries again.
        for (const { id, state } of await items(page, 'queue')) {
          if (state !== 'setAside' || aside.has(id)) continue;
          aside.add(id);
          await page.evaluate(id => globalThis.fieldsync?.retry(id), id);
        }
        await syncNow(page);
        return status(page);
      },
      ({ queueSize }) => queueSize === 0,
      CALM,
    );
    const verdict = judge(writer.entered, server.export());
    process.stdout.write(
      `# chaos, seed ${SEED}, ${MINUTES} min: ${writer.entered.length} entered, ${verdict.saved} called saved, ` +
        `${verdict.synced} synced; lost ${verdict.lost.length}, twice ${verdict.twice.length}, ` +
        `out of order ${verdict.disordered.length}, stuck ${left.queueSize}; set aside and tried again ${aside.size}\n` +
        `# faults: ${listed(faults.done)}; refused: ${listed(writer.refused) || 'none'}\n`,
    );
    const { lost, twice, disordered } = verdict;
    assert.deepEqual({ lost, twice, disordered }, { lost: [], twice: [], disordered: [] }, `seed ${SEED}`);
    assert.ok(verdict.saved > 20 * MINUTES, 'somebody entered things');
  },
  { copy: true, seconds: MINUTES * 60 + CALM + 60 },
);
