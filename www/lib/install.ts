/** The browser's offer to put the app on the device; TypeScript's library does not know it, and not every browser has it. */
interface InstallOffer extends Event {
  prompt(): Promise<unknown>;
  readonly userChoice: Promise<{ outcome: 'accepted' | 'dismissed' }>;
}

const KEY = 'fieldsync.install';

let offer: InstallOffer | undefined;

/** Keeps the browser's offer until the person wants it, instead of the browser's own banner. Listened for from the start. */
export function watchInstall(): void {
  addEventListener('beforeinstallprompt', event => {
    event.preventDefault();
    offer = event as InstallOffer;
    tell();
  });
  addEventListener('appinstalled', () => {
    offer = undefined;
    tell();
  });
}

/** Whether it can be installed now, by a press of a button. */
export const installable = (): boolean => offer !== undefined;

/** Whether it runs as an installed app. */
export const installed = (): boolean =>
  matchMedia('(display-mode: standalone), (display-mode: fullscreen), (display-mode: minimal-ui)').matches ||
  (navigator as { standalone?: boolean }).standalone === true;

/** Asks the browser, which asks the person. An offer serves once. */
export async function install(): Promise<boolean> {
  const asked = offer;
  offer = undefined;
  await asked?.prompt();
  const accepted = (await asked?.userChoice)?.outcome === 'accepted';
  tell();
  return accepted;
}

/** Whether the person has said that they want no such offer; the settings have it in any case. */
export function declined(): boolean {
  try {
    return localStorage.getItem(KEY) === 'no';
  } catch {
    return true; // it would come back on every page
  }
}

export function decline(): void {
  try {
    localStorage.setItem(KEY, 'no');
  } catch {
    // Without storage it comes back with the next page.
  }
  tell();
}

const tell = (): boolean => dispatchEvent(new Event('fs-install'));
