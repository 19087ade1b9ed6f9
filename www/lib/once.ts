import type { Fieldsync } from './client';
import { asObject } from './describe';
import type { Draft, Item, ItemId } from './generated';
import { pagesOf } from './scan';

/**
 * That a draft is saved once. It is kept with what it is about to become before the engine is asked: whoever finds it like
 * that later looks whether the engine has it, and saves no second one.
 */

/** An id of the time and of chance (UUIDv7), for an entity that is to be. */
export function newId(): ItemId {
  const time = Date.now().toString(16).padStart(12, '0');
  const chance = [...crypto.getRandomValues(new Uint8Array(10))];
  const hex = chance.map(byte => byte.toString(16).padStart(2, '0')).join('');
  const variant = (8 + ((chance[9] ?? 0) % 4)).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex.slice(0, 3)}-${variant}${hex.slice(3, 6)}-${hex.slice(6, 18)}`;
}

/** Works on a draft while no other window does. A lock ends with the page that has it. */
export const alone = <T>(draft: string, work: () => Promise<T>): Promise<T> =>
  navigator.locks.request(`fieldsync-draft-${draft}`, work) as Promise<T>;

/**
 * What came of a draft that was about to be saved: the item, if the engine has it. `instead`: the entity of the item whose
 * place it was to take.
 */
export function savedAs(client: Fieldsync, draft: Draft, instead?: ItemId): Promise<Item | undefined> {
  const { action = 'CREATE', entityId, replaces, data } = draft;
  return find(client, item => {
    if (item.type !== draft.type || item.action !== action || item.id === replaces) return false;
    if (action === 'CREATE') return item.entityId === entityId || item.entityId === instead;
    // The same change once more would change nothing.
    return item.entityId === entityId && alike(item.data, data);
  });
}

/** The item that makes this entity, queued or done. */
export const makerOf = (client: Fieldsync, entityId: ItemId): Promise<Item | undefined> =>
  find(client, item => item.entityId === entityId && item.action === 'CREATE');

async function find(client: Fieldsync, is: (item: Item) => boolean): Promise<Item | undefined> {
  for (const shelf of ['queue', 'done'] as const) {
    for await (const items of pagesOf(client, { shelf })) {
      const found = items.find(is);
      if (found) return found;
    }
  }
  return undefined;
}

/** The same, in whatever order its fields stand. */
function alike(one: unknown, other: unknown): boolean {
  const [mine, theirs] = [asObject(one), asObject(other)];
  if (!mine || !theirs) return JSON.stringify(one) === JSON.stringify(other);
  const names = new Set([...Object.keys(mine), ...Object.keys(theirs)]);
  return [...names].every(name => alike(mine[name], theirs[name]));
}
