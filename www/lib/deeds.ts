import { msg, str } from '@lit/localize';
import type { FsConfirm } from '../elements/fs-confirm';
import { asCallError, connect } from './client';
import { asObject, describe, TYPES } from './describe';
import { number } from './format';
import type { Draft, Item } from './generated';
import { live } from './live';
import { bringBack, dropPhotos } from './photos';
import { serverReading } from './reading';
import { toast } from './toast';

/** What a person does with an item, wherever it is shown: asked where something is lost, told how it went, undone. */
export interface Deeds {
  confirm: () => FsConfirm;
  /** Where the focus goes on when the item has gone from where it was. */
  goOn: () => void;
  /** A discarded item is back, as this one. */
  restored?: (item: Item) => void;
}

/** Drops an item for good, after a question; the message offers to undo it. */
export async function discard(item: Item, deeds: Deeds): Promise<void> {
  const { title, value } = describe(item);
  const what = value ? `${title}: ${value}` : title;
  const theirs = serverReading(item);
  const conflict = item.state === 'conflict';
  const noun = TYPES[item.type].toLowerCase();
  const sure = await deeds.confirm().ask({
    title: conflict ? msg(str`Discard your ${noun}?`) : msg(str`Discard this ${noun}?`),
    text: theirs
      ? msg(str`${what} will be removed from this device. The ${number(theirs.value)} on the server stays.`)
      : msg(str`${what} will be removed from this device and never sent.`),
    yes: conflict ? msg('Discard mine') : msg('Discard'),
    no: msg('Keep it'),
  });
  if (!sure) return;
  try {
    const { gone, photos } = await drop(item);
    toast({
      key: `discard ${item.id}`,
      message: msg(str`Discarded ${what}.`),
      action: { label: msg('Undo'), run: () => void restore(gone, photos, deeds) },
      takesFocus: true,
      back: deeds.goOn,
    });
  } catch (error) {
    toast({ kind: 'trouble', message: asCallError(error).message });
  }
}

/** Its photos wait for it and go first; where it cannot be dropped they come back. */
async function drop(item: Item): Promise<{ gone: Item; photos: Item[] }> {
  const client = await connect();
  const photos = await dropPhotos(client, item);
  try {
    return { gone: await client.discard(item.id), photos };
  } catch (error) {
    await bringBack(client, photos);
    throw error;
  }
}

/** Puts a discarded item back into the queue. As long as that fails, the offer stays. */
async function restore(gone: Item, photos: Item[], deeds: Deeds): Promise<void> {
  try {
    const client = await connect();
    const back = await client.enqueue(again(gone));
    await bringBack(client, photos, back);
    deeds.restored?.(back);
    toast({ key: `discard ${gone.id}`, kind: 'done', message: msg('It is back in the queue.') });
  } catch (error) {
    toast({
      key: `discard ${gone.id}`,
      kind: 'trouble',
      message: asCallError(error).message,
      action: { label: msg('Try again'), run: () => void restore(gone, photos, deeds) },
      stays: true,
      takesFocus: true,
      back: deeds.goOn,
    });
  }
}

/**
 * The same entry once more. A change names what it changes, and says it as it was said. So does a photo or file: what is kept of it
 * on this device is found by that.
 */
function again({ type, action, priority, entityId, data, patch, dependsOn }: Item): Draft {
  const content = action === 'DELETE' ? {} : patch === undefined || asObject(data) ? { data } : { patch };
  return {
    type,
    action,
    priority,
    ...content,
    ...(action === 'CREATE' && type !== 'MEDIA' ? {} : { entityId }),
    ...(dependsOn ? { dependsOn } : {}),
  };
}

/** Sends an item again; with that the button for it goes. */
export async function retry(item: Item, goOn: () => void): Promise<void> {
  try {
    await (await connect()).retry(item.id);
    goOn();
    toast({ key: `retry ${item.id}`, kind: 'done', message: msg('It will be sent again.') });
  } catch (error) {
    toast({ kind: 'trouble', message: asCallError(error).message });
  }
}

/** Carries out a person's choice in a conflict; `data` is the record that they put together from both sides. */
export async function resolve(
  item: Item,
  choice: { choice: 'mine' } | { choice: 'theirs' } | { choice: 'merged'; data: unknown },
  goOn: () => void,
): Promise<boolean> {
  const words = {
    mine: msg('Yours takes the place of the server’s. It will be sent.'),
    theirs: msg('The server’s is kept. Yours stays in the list of what is done.'),
    merged: msg('What you chose takes the place of the server’s. It will be sent.'),
  };
  try {
    await (await connect()).resolve({ id: item.id, ...choice });
    const message = words[choice.choice];
    toast({ key: `choose ${item.id}`, kind: 'done', message });
    goOn();
    return true;
  } catch (error) {
    toast({ kind: 'trouble', message: asCallError(error).message });
    return false;
  }
}

/** Sends nothing from now on, or goes on with it. */
export async function setPaused(paused: boolean): Promise<void> {
  try {
    const client = await connect();
    if (paused) await client.pause();
    else await client.resume();
    live.refresh();
  } catch (error) {
    toast({ kind: 'trouble', message: asCallError(error).message });
  }
}
