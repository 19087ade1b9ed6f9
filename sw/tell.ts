/// <reference lib="webworker" />
/**
 * What a person is told by the worker: the number on the app's icon; and, where they agreed and look at no page, what has
 * changed for them while it drained. Told are committed facts alone (I6): what the engine says before and after.
 */
import { badge } from '../www/lib/app-badge';
import { claimDue, noteRuns } from '../www/lib/due';
import type { Settled, Status, Wake } from '../www/lib/generated';
import { type Kind, type Notices, notices, type Said } from '../www/lib/notices';
import { pluralIn } from '../www/lib/plural';
import { ask } from './engine';

declare const self: ServiceWorkerGlobalScope;

/** Where a notice leads. */
const PLACES: Record<Said, string> = {
  choose: '/sync/conflicts',
  refused: '/sync/queue?state=setAside',
  signIn: '/sign-in',
  sent: '/sync/receipts',
};

/** A wake of the engine within an event. Whoever asked has the answer before anyone is told of it. */
export async function wake(event: ExtendableEvent, cause: Wake): Promise<Settled> {
  const agreed = await wanted();
  const before = agreed && (await status());
  const settled = ask('wake', cause);
  event.waitUntil(settled.catch(() => {}).then(() => tell(agreed, before).catch(() => {})));
  event.waitUntil(scheduled(settled).catch(() => {})); // the next wake finds it
  return settled;
}

/** A wake after a schedule's due time is its run. */
async function scheduled(wake: Promise<Settled>): Promise<void> {
  const mine = await claimDue('worker');
  await noteRuns(mine, await wake.catch(() => undefined));
}

/** What may be told now; nothing where the person never agreed, or has taken that back. */
async function wanted(): Promise<Notices | undefined> {
  if (!('Notification' in self) || Notification.permission !== 'granted') return undefined;
  const agreed = await notices();
  return agreed?.kinds.length ? agreed : undefined;
}

const status = (): Promise<Status | undefined> => ask('status', {}).catch(() => undefined);

async function tell(agreed: Notices | undefined, before: Status | undefined): Promise<void> {
  const after = await status();
  if (!after) return;
  badge(after.queueSize);
  if (!agreed || !before || (await isLookedAt())) return;
  for (const [kind, said, n] of changes(before, after)) {
    if (agreed.kinds.includes(kind)) await show(agreed, said, n);
  }
}

/** What is new to a person, and how many items it is about. */
export function changes(before: Status, after: Status): [Kind, Said, number][] {
  const all: [Kind, Said, number][] = [];
  const { conflict, setAside } = after.totals;
  if (conflict > before.totals.conflict) all.push(['choose', 'choose', conflict]);
  if (setAside > before.totals.setAside) all.push(['refused', 'refused', setAside]);
  if (asksWho(after) && !asksWho(before)) all.push(['refused', 'signIn', after.queueSize]);
  const sent = after.currentProgress?.completedItems ?? 0;
  if (before.queueSize > 0 && after.queueSize === 0 && sent > 0) all.push(['sent', 'sent', sent]);
  return all;
}

/** The server takes nothing from this device until somebody signs in. */
const asksWho = ({ hold }: Status): boolean => hold?.why === 'signedOut' || hold?.why === 'notAllowed';

async function isLookedAt(): Promise<boolean> {
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  return pages.some(page => page.visibilityState === 'visible');
}

async function show({ words, language, direction }: Notices, said: Said, n: number): Promise<void> {
  const { title, body } = words[said];
  // A later one takes the place of the one before, of whichever there was.
  await self.registration.showNotification(pluralIn(language, n, title), {
    body,
    tag: `fieldsync:${said}`,
    lang: language,
    dir: direction,
    icon: '/icon-192.png',
    badge: '/icon-192.png',
    data: { to: PLACES[said] },
  });
}

/** Leads to what a notice was about: in a page that is open, without loading it anew, or in a new one. */
export async function follow({ notification }: NotificationEvent): Promise<void> {
  notification.close();
  const { to = '/' } = (notification.data ?? {}) as { to?: string };
  const [page] = await self.clients.matchAll({ type: 'window' });
  if (!page) return void (await self.clients.openWindow(to));
  page.postMessage({ type: 'fieldsync:go', to });
  await page.focus();
}
