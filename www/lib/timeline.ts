import { day } from './format';
import type { CheckNote, Item, SessionMetrics } from './generated';

/** A sync, with what it brought. */
interface Sync {
  at: number;
  session: SessionMetrics;
  items: Item[];
}

/** Looks in a row that found nothing to send: the first of them, the last, how many. */
export interface Looks {
  at: number;
  until: number;
  looks: number;
}

/** Checks in a row that came to the same: that this device needs a sync, or none, or (`null`) that nothing could be said. */
export interface Checks {
  at: number;
  until: number;
  checks: number;
  needsSync: boolean | null;
}

export type Happening = Sync | Looks | Checks;

/** The syncs and checks of this device as one story, newest first. `items`: those that the server has. */
export function timeline(sessions: SessionMetrics[], checks: CheckNote[], items: Item[]): Happening[] {
  const all = [
    ...sessions.map(session => ofSession(session, items)),
    ...checks.map(({ at, needsSync }): Happening => ({ at, until: at, checks: 1, needsSync })),
  ].sort((one, other) => other.at - one.at);
  const told: Happening[] = [];
  for (const next of all) {
    const last = told.at(-1);
    if (!last || !joined(last, next)) told.push(next);
  }
  return told;
}

function ofSession(session: SessionMetrics, items: Item[]): Happening {
  const { startTime: at, endTime = Date.now() } = session;
  if (session.itemsProcessed === 0 && !session.errors?.length) return { at, until: at, looks: 1 };
  const received = items.filter(({ receipt }) => receipt && receipt.at >= at && receipt.at <= endTime);
  return { at, session, items: received };
}

/** Puts what came before into what came after, where both are of one kind and one day; whether it could. */
function joined(later: Happening, earlier: Happening): boolean {
  if (day(later.at) !== day(earlier.at)) return false;
  if ('looks' in later && 'looks' in earlier) later.looks += earlier.looks;
  else if ('checks' in later && 'checks' in earlier && later.needsSync === earlier.needsSync)
    later.checks += earlier.checks;
  else return false;
  later.at = earlier.at;
  return true;
}

/** By days, in the order in which they come. */
export function byDay(all: Happening[]): Map<string, Happening[]> {
  const days = new Map<string, Happening[]>();
  for (const one of all) days.set(day(one.at), [...(days.get(day(one.at)) ?? []), one]);
  return days;
}
