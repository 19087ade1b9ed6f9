import { msg, str } from '@lit/localize';
import { number } from './format';
import type { Hold, Progress, Status, Why } from './generated';

/** What sync is doing, in the one way in which every part of the page tells it. */
export interface Activity {
  /** Something is being sent, or is about to be. */
  active: boolean;
  /** How that goes, where it is known. */
  progress?: Progress;
  /** Why nothing is being sent although something waits. */
  hold?: Hold;
}

/** A drain that waits for something is not told as one that sends. */
export function activity(status: Status): Activity {
  const { currentProgress: progress, hold, totals } = status;
  const waits = totals.pending + totals.retryAt > 0;
  if (hold && waits && !goesOn(status, hold)) return { active: false, hold };
  const asleep = status.connectivity.isOnline === false && !byHand(status);
  if (status.isActive && !asleep) return { active: true, ...(progress ? { progress } : {}) };
  return { active: false, ...(hold && waits ? { hold } : {}) };
}

/** Holds that are no wait: it is sent elsewhere, or at once; and being offline does not keep a person from trying. */
function goesOn(status: Status, { why }: Hold): boolean {
  if (!status.isActive) return false;
  return why === 'elsewhere' || why === 'slice' || (why === 'offline' && byHand(status));
}

/** What only a person ends: the engine looks again at times, but finds the same. */
const BY_PERSON: Why[] = ['revoked', 'locked', 'signedOut', 'paused', 'disabled'];

/** When it is tried again by itself, in milliseconds since 1970; undefined where that waits for a person. */
export const nextTry = (hold: Hold | undefined): number | undefined =>
  hold && !BY_PERSON.includes(hold.why) ? hold.until : undefined;

const byHand = ({ currentProgress }: Status): boolean => currentProgress?.trigger === 'manual';

/** How a sync went, or goes so far. */
export const syncCounts = ({ completedItems, failedItems }: Progress): string =>
  msg(str`Synced: ${number(completedItems)} | Failed: ${number(failedItems)}`);
