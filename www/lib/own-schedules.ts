/**
 * The schedules of this device. The server's list is mirrored with the next five runs of each; what falls due runs by the
 * timer of a page that is open, by the worker when it is woken, or as the next page opens, whether the server is within
 * reach or not. It comes after the start.
 */
import { askAsMe, askForMe } from './as-me';
import type { Fieldsync } from './client';
import {
  awaited,
  changeSchedules,
  claimDue,
  type Kept,
  noteRuns,
  type OwnRun,
  onSchedules,
  schedulesKept,
} from './due';
import { settleClashes } from './settle-clashes';

/** The mirror is fresh enough for so long, in milliseconds. */
const FRESH = 10 * 60_000;
/** No timer is longer: a device that slept may have missed it. */
const LONGEST = 6 * 60 * 60_000;
/** The browser decides how often; not more often than this. */
const PERIOD = 12 * 60 * 60_000;
const TAG = 'fieldsync:schedules';

/** Takes over what the server has; `wanted` where a person waits for it. Rejects as the calls do. */
export async function refreshSchedules(client: Fieldsync, wanted = false): Promise<void> {
  const call = wanted ? askForMe : askAsMe;
  const [{ schedules }, { devices }] = await Promise.all([call('schedules', {}), call('devices', {})]);
  const { deviceId, email } = await client.account();
  await changeSchedules(before => {
    // Another person's are none of this one's business.
    const mine = before?.email === email ? before : undefined;
    const there = new Set(schedules.map(({ id }) => id));
    return {
      ...(email === undefined ? {} : { email }),
      deviceId,
      at: Date.now(),
      schedules,
      devices,
      done: Object.fromEntries(Object.entries(mine?.done ?? {}).filter(([id]) => there.has(id))),
      runs: (mine?.runs ?? []).filter(({ scheduleId }) => there.has(scheduleId)),
    };
  });
}

/** What is kept of whoever is signed in here. */
export async function mySchedules(client: Fieldsync): Promise<Kept | undefined> {
  const [kept, { email }] = await Promise.all([schedulesKept(), client.account()]);
  return kept?.email === email ? kept : undefined;
}

let timer: ReturnType<typeof setTimeout> | undefined;
let following = false;
/** When this page asked last, and as whom: a server that gives nothing is not asked with every sync. */
let asked = { as: '', at: 0 };

/** Runs them from now on, as long as this page is open. */
export function followSchedules(client: Fieldsync): void {
  if (following) return;
  following = true;
  // What fell due while nothing was open runs before the server moves it on.
  void runDue(client)
    .then(() => renew(client))
    .catch(() => {}); // the next look has it
  onSchedules(() => void plan(client).catch(() => {}));
  client.on(event => event.type === 'settled' && void renew(client));
  addEventListener('online', () => void renew(client));
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void look(client);
  });
  void askPeriodically().catch(() => {}); // without it pages and other wakes do it
}

/** Timers of a page that is hidden, or of a device that sleeps, come late. */
async function look(client: Fieldsync): Promise<void> {
  await runDue(client).catch(() => {});
  await renew(client);
}

/** Runs what is due, where nobody else does, and plans the next. */
async function runDue(client: Fieldsync): Promise<void> {
  const kept = await mySchedules(client);
  const mine = kept ? await claimDue('page') : [];
  if (mine.length > 0) {
    // Of several that are due at once one that carries deletions is enough.
    const spares = (run: OwnRun) =>
      kept?.schedules.some(({ id, syncDeletions }) => id === run.scheduleId && !syncDeletions);
    const cause = mine.every(spares) ? 'withoutDeletions' : 'manual';
    const settled = await client.wake({ cause }).catch(() => undefined);
    await noteRuns(mine, settled);
  }
  await plan(client);
}

/** One timer, for the run that comes next; and what the last one has left to settle. */
async function plan(client: Fieldsync): Promise<void> {
  const kept = await mySchedules(client);
  clearTimeout(timer);
  if (!kept) return;
  const times = awaited(kept).flatMap(([, at]) => at);
  if (times.length > 0) {
    const wait = Math.min(Math.max(0, Math.min(...times) - Date.now()), LONGEST);
    timer = setTimeout(() => void runDue(client).catch(() => {}), wait);
  }
  await settleClashes(client, kept);
}

/** Mirrors the list anew where it is old and there is a network; one page of the device at a time. */
async function renew(client: Fieldsync): Promise<void> {
  if (navigator.onLine === false) return;
  const alone = async (lock: Lock | null) => {
    if (!lock || Date.now() - ((await mySchedules(client))?.at ?? 0) < FRESH) return;
    const { email, signedIn } = await client.account();
    const as = `${email} ${signedIn}`;
    if (asked.as === as && Date.now() - asked.at < FRESH) return;
    asked = { as, at: Date.now() };
    await refreshSchedules(client);
  };
  await navigator.locks.request(TAG, { ifAvailable: true }, alone).catch(() => {}); // what is kept stays
}

/** What TypeScript's library does not know, and not every browser has. */
interface WithPeriodicSync {
  periodicSync?: { register(tag: string, options: { minInterval: number }): Promise<void> };
}

/** Has the worker woken now and then, where the browser allows it to apps that are installed and used. */
async function askPeriodically(): Promise<void> {
  const { periodicSync } = (await navigator.serviceWorker.ready) as WithPeriodicSync;
  if (!periodicSync) return;
  const name = 'periodic-background-sync' as PermissionName;
  const { state } = await navigator.permissions.query({ name });
  if (state === 'granted') await periodicSync.register(TAG, { minInterval: PERIOD });
}
