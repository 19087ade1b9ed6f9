/**
 * The schedules as the server told them last, and what of them has run on this device: one record in the cache storage, which
 * pages and the worker can reach. A run belongs to whoever writes it down first, so none is made twice for one due time.
 */
import type { Device, Millis, ResolveConflicts, Schedule, Settled } from './generated';

/** What came of a run that this device made by itself. */
export interface OwnRun {
  scheduleId: string;
  /** When it was due: of several that were missed, the first. */
  dueAt: Millis;
  at: Millis;
  /** A page that was open, or the worker with or without one. */
  by: 'page' | 'worker';
  /** Absent while it lasts, and where the browser ended it. */
  outcome?: {
    sent: number;
    failed: number;
    remaining: number;
    /** Why something remains, by its stable name and in the engine's words. */
    hold?: { why: string; words: string };
  };
  /** The engine could not be asked. */
  broken?: true;
  /** How clashes are to be settled after it, where that is not done yet. */
  settles?: ResolveConflicts;
}

export interface Kept {
  /** Whose they are; nobody's in the demo. */
  email?: string;
  /** The name of this device. */
  deviceId: string;
  /** When the server told them. */
  at: Millis;
  schedules: Schedule[];
  devices: Device[];
  /** Up to which due time each schedule has run here. */
  done: Record<string, Millis>;
  /** The latest first. */
  runs: OwnRun[];
}

const CACHE = 'fieldsync-schedules';
const PLACE = '/schedules';
/** So many runs of this device are kept. */
const MOST = 100;

/** What is kept; undefined where nothing ever was. */
export async function schedulesKept(): Promise<Kept | undefined> {
  if (!('caches' in globalThis)) return undefined;
  const kept = await caches.match(PLACE, { cacheName: CACHE }).catch(() => undefined);
  return kept?.json().catch(() => undefined);
}

/** One after another, in whichever tab or worker; all of them are told. */
export const changeSchedules = (change: (before: Kept | undefined) => Kept | undefined): Promise<void> =>
  navigator.locks.request(CACHE, async () => {
    const after = change(await schedulesKept());
    if (!after) return;
    await (await caches.open(CACHE)).put(PLACE, Response.json(after));
    const channel = new BroadcastChannel(CACHE);
    channel.postMessage('changed');
    channel.close();
  });

/** Calls back after every change, until the answered function is called. */
export function onSchedules(changed: () => void): () => void {
  const channel = new BroadcastChannel(CACHE);
  channel.onmessage = changed;
  return () => channel.close();
}

/** The due times of this device's schedules that nothing has come of yet, by schedule; the earliest first. */
export const awaited = ({ schedules, deviceId, done }: Kept): [schedule: Schedule, at: Millis[]][] =>
  schedules
    .filter(schedule => schedule.deviceId === deviceId && !schedule.disabledAt)
    .map(schedule => [schedule, schedule.nextRuns.filter(at => at > (done[schedule.id] ?? 0))]);

/** Makes what is due by now this caller's to run; nothing where nobody has missed it, or somebody else has it. */
export async function claimDue(by: OwnRun['by'], now = Date.now()): Promise<OwnRun[]> {
  const isDue = (kept: Kept | undefined): kept is Kept =>
    kept !== undefined && awaited(kept).some(([, times]) => times.some(at => at <= now));
  // Nearly always nothing is due, and nobody need wait for another.
  if (!isDue(await schedulesKept())) return [];
  const mine: OwnRun[] = [];
  await changeSchedules(kept => {
    if (!isDue(kept)) return undefined;
    const done = { ...kept.done };
    for (const [{ id: scheduleId, resolveConflicts: settles }, times] of awaited(kept)) {
      const missed = times.filter(at => at <= now);
      const [dueAt, last = dueAt] = [missed[0], missed.at(-1)];
      if (dueAt === undefined || last === undefined) continue;
      done[scheduleId] = last;
      mine.push({ scheduleId, dueAt, at: now, by, ...(settles === 'ask' ? {} : { settles }) });
    }
    return { ...kept, done, runs: [...mine, ...kept.runs].slice(0, MOST) };
  });
  return mine;
}

/** Writes down what came of them; `settled` is undefined where the engine could not be asked. */
export async function noteRuns(mine: OwnRun[], settled: Settled | undefined): Promise<void> {
  if (mine.length === 0) return;
  const isMine = (run: OwnRun) =>
    mine.some(({ scheduleId, dueAt }) => run.scheduleId === scheduleId && run.dueAt === dueAt);
  const after = outcomeOf(settled);
  await changeSchedules(
    kept => kept && { ...kept, runs: kept.runs.map(run => (isMine(run) ? { ...run, ...after } : run)) },
  );
}

function outcomeOf(settled: Settled | undefined): Pick<OwnRun, 'outcome' | 'broken'> {
  if (!settled) return { broken: true };
  const { progress, remaining, hold } = settled;
  const { completedItems: sent, failedItems: failed } = progress;
  return {
    outcome: {
      sent,
      failed,
      remaining,
      ...(hold ? { hold: { why: hold.why, words: hold.words } } : {}),
    },
  };
}
