/**
 * Others' apps through the chaos that ours goes through (`cargo xtask chaos --peer workbox`): to show that what the judge does not
 * find with ours it does find. Whatever they lose is counted and is no failure of this.
 */
import assert from 'node:assert/strict';
import { Journal } from '../../chaos/journal.ts';
import { Peer } from '../../chaos/peer.ts';
import { chaos } from '../../chaos/run.ts';
import { bundle, workerOf } from '../../peers/bundle.ts';
import { withPeer } from '../support/scenario.ts';

const NAME = process.env.FIELDSYNC_CHAOS_PEER ?? 'workbox';
const MINUTES = Number(process.env.FIELDSYNC_CHAOS_MINUTES ?? 2);
const SEED = Number(process.env.FIELDSYNC_CHAOS_SEED ?? 1);
/** Milliseconds between two entries, at most: as with ours. */
const PAUSE = 500;

await bundle([NAME], 'chaos');

withPeer(
  `${MINUTES} minutes of chaos for ${NAME}`,
  async (world: ConstructorParameters<typeof Peer>[0]) => {
    const verdict = await chaos(new Peer(world), { seed: SEED, minutes: MINUTES, pause: PAUSE });
    for (const [kind, all] of Object.entries(verdict))
      if (Array.isArray(all) && all.length > 0)
        process.stdout.write(`# ${kind}: ${all.slice(0, 5).join('; ')}\n`);
    assert.ok(verdict.saved > 20 * MINUTES, 'somebody entered things');
  },
  {
    serve: (network, folder) => Journal.start(network, folder, workerOf(NAME, 'chaos')),
    seconds: MINUTES * 60 + 360,
  },
);
