/** Chaos in WebKitGTK (`cargo xtask chaos --browser webkit`), as far as its driver goes: tests/chaos/webkit.ts. */
import assert from 'node:assert/strict';
import { CALM } from '../../chaos/ours.ts';
import { chaos } from '../../chaos/run.ts';
import { InWebKit } from '../../chaos/webkit.ts';
import { inWebKit } from '../support/scenario.ts';

const MINUTES = Number(process.env.FIELDSYNC_CHAOS_MINUTES ?? 2);
const SEED = Number(process.env.FIELDSYNC_CHAOS_SEED ?? 1);
/** Milliseconds between two entries, at most. */
const PAUSE = 500;

inWebKit(
  `${MINUTES} minutes of chaos in WebKit, and nothing is lost, doubled or stuck`,
  async world => {
    const verdict = await chaos(new InWebKit(world), { seed: SEED, minutes: MINUTES, pause: PAUSE });
    const { lost, altered, twice, disordered, stuck } = verdict;
    const nothing = { lost: [], altered: [], twice: [], disordered: [], stuck: [] };
    assert.deepEqual({ lost, altered, twice, disordered, stuck }, nothing, `seed ${SEED}`);
    assert.ok(verdict.saved > 20 * MINUTES, 'somebody entered things');
  },
  { copy: true, seconds: MINUTES * 60 + CALM + 60 },
);
