/** The first pause between two attempts while the browser takes itself for online, and the longest. Milliseconds. */
const FIRST = 2_000;
const MOST = 60_000;

/** How often in a row the page was loaded anew because something was missing; of this tab. */
const KEY = 'fieldsync.reloads';

/**
 * Attempts again what the network broke off, until it succeeds: whenever the browser hears of a network, when the page is
 * looked at again, and now and then between, because a link may break off and come back without the browser's hearing of it.
 */
export function tryAgain(attempt: () => Promise<unknown>): void {
  let pause = Math.min(FIRST * 2 ** reloads(), MOST);
  let timer: number | undefined;
  let trying = false;

  const look = async () => {
    if (trying || navigator.onLine === false || document.visibilityState === 'hidden') return;
    trying = true;
    clearTimeout(timer);
    try {
      await attempt();
      removeEventListener('online', back);
      document.removeEventListener('visibilitychange', back);
    } catch {
      timer = window.setTimeout(look, pause);
      pause = Math.min(2 * pause, MOST);
    } finally {
      trying = false;
    }
  };
  const back = () => {
    pause = FIRST;
    void look();
  };
  addEventListener('online', back);
  document.addEventListener('visibilitychange', back);
  timer = window.setTimeout(look, pause);
}

/**
 * Loads the page anew, where the server can be reached: the browser's own page of errors would not try again. Each time in a
 * row after a longer pause, for what is missing may be so for good.
 */
export async function reload(): Promise<void> {
  await fetch(location.href, { method: 'HEAD', cache: 'no-store' });
  try {
    sessionStorage.setItem(KEY, `${reloads() + 1}`);
  } catch {
    return; // nothing would tell how often that was
  }
  location.reload();
}

/** What was missing is there. */
export function loaded(): void {
  if (reloads() > 0) sessionStorage.removeItem(KEY);
}

function reloads(): number {
  try {
    return Number(sessionStorage.getItem(KEY) ?? 0);
  } catch {
    return 0;
  }
}
