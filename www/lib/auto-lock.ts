/**
 * Locks the vault when nobody has done anything on any page of the app for some time. A device that is to stay unlocked does not
 * lock itself.
 */
import type { Keyring } from './keyring';

const MINUTES = 'fieldsync.auto-lock';
const LAST = 'fieldsync.last-touch';
/** Told on this page when another time is chosen. */
const CHANGED = 'fieldsync-auto-lock';
/** What is done is noted at most so often, in milliseconds. */
const NOTED = 10_000;

/** After so many minutes; 0 never. */
export const autoLock = (): number => Number(localStorage.getItem(MINUTES) ?? 15);

export function setAutoLock(minutes: number): void {
  localStorage.setItem(MINUTES, String(minutes));
  dispatchEvent(new Event(CHANGED));
}

let noted = 0;

function touched(): void {
  const now = Date.now();
  if (now - noted < NOTED) return;
  noted = now;
  localStorage.setItem(LAST, String(now));
}

/** Watches from now on, once a page. One timer, for the moment at which it would be locked. */
export function watch(keyring: Keyring): void {
  for (const event of ['pointerdown', 'keydown', 'visibilitychange'])
    addEventListener(event, touched, { passive: true, capture: true });
  let timer: number | undefined;
  const look = async () => {
    clearTimeout(timer);
    const span = autoLock() * 60_000;
    if (keyring.state() !== 'open' || span === 0 || (await keyring.isKept())) return;
    const left = Number(localStorage.getItem(LAST) ?? Date.now()) + span - Date.now();
    if (left <= 0) await keyring.lock();
    // A hidden page's timer comes late, never early.
    else timer = window.setTimeout(look, left);
  };
  keyring.onChange(() => {
    noted = 0;
    if (keyring.state() === 'open') touched();
    void look();
  });
  addEventListener('storage', ({ key }) => key === MINUTES && void look());
  addEventListener(CHANGED, () => void look());
  if (keyring.state() === 'open') touched();
  void look();
}
