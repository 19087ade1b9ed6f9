import { msg } from '@lit/localize';
import type { Fieldsync } from './client';
import { thisMonth } from './format';
import type { Draft, Item, ItemId, ItemState } from './generated';
import { newId } from './once';

/**
 * Six sample items for a demo, one in each state in which an item can stay. They come to their states by what really happens:
 * another device of the same person is there before, the server does not accept something, or asks for it later. So it takes a
 * moment, and a connection.
 */

/** How often it is tried to send before what is not settled by then is left to itself. */
const TRIES = 3;

/** The meter that a demo's server takes only two minutes after it was read. */
const LATER = 'later';

/** The state that a sample comes to. */
export type SampleState = Exclude<ItemState, 'inFlight'>;

/** Makes them. Sending is paused in the end, so that they stay as they are; answers the states that were not come to. */
export async function loadSamples(client: Fieldsync): Promise<SampleState[]> {
  // Meters that no route has, others each time.
  const name = `S-${String(Date.now()).slice(-6)}`;
  await client.pause();
  // Also where they cannot be made: who is told so has asked for no pause.
  const { done, clash, late, refused, blocked } = await entered(client, name).finally(() => client.resume());
  await settled(client, [done, clash, late, refused]);
  await client.pause();
  const pending = await client.enqueue(reading(name, '4', 41));

  const made: [SampleState, Item][] = [
    ['done', done],
    ['conflict', clash],
    ['retryAt', late],
    ['setAside', refused],
    ['blocked', blocked],
    ['pending', pending],
  ];
  const elsewhere: SampleState[] = [];
  for (const [state, { id }] of made) {
    if ((await client.get(id)).state !== state) elsewhere.push(state);
  }
  return elsewhere;
}

/** What is entered here, and what another device is quicker to send. */
async function entered(client: Fieldsync, name: string) {
  const site = newId();
  const done = await client.enqueue(reading(name, '1', 1_204));
  const clash = await client.enqueue(reading(name, '2', 318));
  const late = await client.enqueue(reading(name, '3', 77, LATER));
  // Nothing is known here of the site, so only the server can tell that its name is missing.
  const refused = await client.enqueue({
    type: 'ASSESSMENT',
    action: 'UPDATE',
    entityId: site,
    baseVersion: 1,
    patch: { site: ' ', note: msg('Roof is damaged') },
  });
  const blocked = await client.enqueue({
    ...planFor(site, msg('Tarpaulins for the roof')),
    dependsOn: refused.id,
  });
  await asAnotherDevice([
    { type: 'READING', entityId: newId(), data: readingOf(name, '2', 310) },
    { type: 'ASSESSMENT', entityId: site, data: { kind: 'SHELTER', site: msg('Market hall') } },
  ]);
  return { done, clash, late, refused, blocked };
}

const reading = (property: string, unit: string, value: number, meter?: string): Draft => ({
  type: 'READING',
  data: readingOf(property, unit, value, meter),
});

const readingOf = (property: string, unit: string, value: number, meter = 'water') => ({
  property,
  unit,
  meter,
  period: thisMonth(),
  value,
  readAt: Date.now(),
});

const planFor = (assessmentId: ItemId, plan: string): Draft => ({
  type: 'RESPONSE',
  data: { assessmentId, kind: 'SHELTER', plan, status: 'PLANNED' },
});

/** Sends until none of them is on its way any more. */
async function settled(client: Fieldsync, items: Item[]): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    await client.syncNow();
    const now = await Promise.all(items.map(({ id }) => client.get(id)));
    if (now.every(({ state }) => state !== 'pending' && state !== 'inFlight')) return;
  }
}

/** What another device of the same person sends. On a demo's server nobody has to say who they are. */
async function asAnotherDevice(drafts: { type: string; entityId: ItemId; data: unknown }[]): Promise<void> {
  const items = drafts.map(draft => ({
    ...draft,
    id: draft.entityId,
    action: 'CREATE',
    createdAt: Date.now(),
  }));
  const answer = await fetch('/api/v1/sync/push', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ deviceId: 'another', items }),
  });
  if (!answer.ok) throw new Error(msg('The demo’s server did not take the samples.'));
}
