/**
 * What the worker may tell while nobody looks at the app, and in which words. The page keeps both for it: a worker knows
 * neither what was chosen nor in which language. Kept as one record in the cache storage, which both can reach.
 */

/** What a person can choose to be told of. */
export const KINDS = ['choose', 'refused', 'sent'] as const;
export type Kind = (typeof KINDS)[number];

/** What is said: a signed-out device counts as a refusal, but is told in words of its own. */
export type Said = Kind | 'signIn';

/** A title and what stands below it; `#` is the number, and the forms of the title are as `plural` reads them. */
export interface Words {
  title: string;
  body: string;
}

export interface Notices {
  /** What is told. */
  kinds: Kind[];
  /** The language of the words, as a BCP 47 tag. */
  language: string;
  direction: 'ltr' | 'rtl';
  words: Record<Said, Words>;
}

const CACHE = 'fieldsync-notices';
const PLACE = '/notices';

/** What was agreed on; undefined where nothing ever was. */
export async function notices(): Promise<Notices | undefined> {
  if (!('caches' in globalThis)) return undefined;
  const kept = await caches.match(PLACE, { cacheName: CACHE }).catch(() => undefined);
  return kept?.json().catch(() => undefined);
}

export async function keepNotices(agreed: Notices): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.put(PLACE, Response.json(agreed));
}
