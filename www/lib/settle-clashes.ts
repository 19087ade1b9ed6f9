import type { Fieldsync } from './client';
import { changeSchedules, type Kept } from './due';
import type { Choice, Item, ResolveConflicts, ServerItem } from './generated';
import { pagesOf } from './scan';

/** Which side counts; undefined where that is for the person to say. As the engine does by its own policy. */
function choiceOf(policy: ResolveConflicts, { createdAt, serverItem }: Item): Choice | undefined {
  if (policy === 'keep_local') return 'mine';
  if (policy === 'keep_remote') return 'theirs';
  const { updatedAt } = (serverItem ?? {}) as Partial<ServerItem>;
  if (policy === 'ask' || updatedAt === undefined) return undefined;
  return createdAt > updatedAt ? 'mine' : 'theirs';
}

/**
 * Settles what is in conflict as the schedule says that ran last, whoever ran it: by the calls that a person's own choice goes
 * by. One page of the device does it.
 */
export async function settleClashes(client: Fieldsync, kept: Kept): Promise<void> {
  const ran = kept.runs.find(({ settles, outcome }) => settles !== undefined && outcome !== undefined);
  const policy = ran?.settles;
  if (!policy) return;
  await navigator.locks.request('fieldsync:clashes', { ifAvailable: true }, async lock => {
    if (!lock) return;
    const clashes: Item[] = [];
    for await (const items of pagesOf(client, { state: 'conflict' })) clashes.push(...items);
    for (const item of clashes) {
      const choice = choiceOf(policy, item);
      // What cannot be settled stays for the person.
      if (choice) await client.resolve({ id: item.id, choice }).catch(() => {});
    }
    await changeSchedules(
      now =>
        now && {
          ...now,
          runs: now.runs.map(({ settles, ...run }) =>
            run.at > ran.at && settles ? { ...run, settles } : run,
          ),
        },
    );
  });
}
