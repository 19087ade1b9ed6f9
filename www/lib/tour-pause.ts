import { setPaused } from './deeds';

/** That the tour has paused sending, for a start after the app was closed in the midst of it. */
const KEY = 'fieldsync-tour';

/** Sends nothing while the demo's tour shows what is saved offline. */
export function pauseForTour(): Promise<void> {
  try {
    localStorage.setItem(KEY, 'paused');
  } catch {
    // Without storage it ends with the tour alone.
  }
  return setPaused(true);
}

/** Takes back the tour's own pause, where there is one; what the person has paused stays so. */
export async function endTourPause(): Promise<void> {
  try {
    if (localStorage.getItem(KEY) === null) return;
    await setPaused(false);
    localStorage.removeItem(KEY);
  } catch {
    // Nothing was noted then.
  }
}
