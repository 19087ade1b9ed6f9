/**
 * What every contender of the bench can do: the same three steps, each in its own way. A peer does them in a service worker;
 * fieldsync's own are in `contenders/fieldsync.ts`, because it is an app that is used from without.
 */

/** One of the items in tests/data/field-items.json. */
export interface Item {
  id: string;
  type: string;
  action: string;
  priority: string;
  createdAt: number;
  data: Record<string, unknown>;
}

/** How long it took to keep the items on the device, in ms: each of them, where they are kept one after another, and all. */
export interface Entered {
  each: number[];
  took: number;
}

/** How long it took until the server had all of them and the device knew it, in ms. */
export interface Drained {
  took: number;
  /** What belongs to it and is not counted, in ms: fieldsync's ping window. */
  apart: number;
}

/** Whether a save survives a power cut, where the contender can be told. */
export type Durability = 'strict' | 'relaxed';

export interface Contender {
  /** Makes everything ready, with the link still up. */
  install(items: Item[], durability: Durability): Promise<void>;
  /** Keeps all items on the device, as a person enters them: the next one once the last is kept. */
  enqueue(): Promise<Entered>;
  /** Sends them, and ends when nothing is left to be sent. */
  drain(): Promise<Drained>;
}

/** Enters one after another. */
export async function enterEach(items: Item[], keep: (item: Item) => Promise<unknown>): Promise<Entered> {
  const each: number[] = [];
  const began = performance.now();
  for (const item of items) {
    const before = performance.now();
    await keep(item);
    each.push(performance.now() - before);
  }
  return { each, took: performance.now() - began };
}

/** Times a drain of which nothing goes apart. */
export async function timed(drain: () => Promise<unknown>): Promise<Drained> {
  const began = performance.now();
  await drain();
  return { took: performance.now() - began, apart: 0 };
}

/** Sends items to the bench's server, and fails unless it says that it has them. */
export async function send(items: Item | Item[]): Promise<void> {
  const body = JSON.stringify(items);
  const answer = await fetch('/items', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  await answer.json();
}

/** What the bench calls in a peer's service worker. */
export interface Stand {
  install(count: number, durability: Durability): Promise<void>;
  enqueue(): Promise<Entered>;
  drain(): Promise<Drained>;
}

/** Puts a peer's contender where the bench finds it. The items come from the server, so that no call carries them. */
export function offer(contender: Contender): void {
  const stand: Stand = {
    install: async (count, durability) => {
      const all = (await (await fetch('/items.json')).json()) as Item[];
      await contender.install(all.slice(0, count), durability);
    },
    enqueue: () => inWords(contender.enqueue()),
    drain: () => inWords(contender.drain()),
  };
  Object.assign(globalThis, { stand });
  addEventListener('install', () => void (globalThis as unknown as Worker & SkipWaiting).skipWaiting());
}

/** Some peers fail with what is no error, and would say nothing outside of the worker. */
const inWords = <T>(work: Promise<T>): Promise<T> =>
  work.catch((error: unknown) => {
    throw new Error(`${error} ${JSON.stringify(error)}`);
  });

interface SkipWaiting {
  skipWaiting(): Promise<void>;
}
