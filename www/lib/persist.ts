/**
 * The browser is asked to keep what is stored once there is something to lose: after the first save. It decides by itself, and may
 * decide otherwise once the app is installed. Firefox asks the person instead, and nobody is to be asked in the middle of their
 * work: there it is offered in the settings, where sync health says that it may be needed.
 */
import { msg } from '@lit/localize';
import { installed } from './install';
import { toast } from './toast';

const KEY = 'fieldsync.persist';

/** Asks where it has not been asked yet; after a refusal not again, but in the settings. */
export async function askOnce(): Promise<void> {
  const { storage } = navigator;
  if (!storage?.persist || /firefox/i.test(navigator.userAgent) || (await storage.persisted())) return;
  const now = installed() ? 'installed' : 'asked';
  if (localStorage.getItem(KEY) === now) return;
  localStorage.setItem(KEY, now);
  await storage.persist();
}

/** Asks on a person's wish, and says what the answer was. */
export async function protect(): Promise<void> {
  const granted = await navigator.storage.persist().catch(() => false);
  if (granted)
    return toast({ kind: 'done', message: msg('Protected. The browser does not clear it by itself.') });
  toast({
    message: msg('The browser did not agree. It mostly does once the app is installed or used more often.'),
  });
}
