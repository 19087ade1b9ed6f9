/**
 * What an app has around a queue of Workbox: its page is kept for offline use, what the page posts is taken, and whoever tests it
 * may ask what is left. How entries go into the queue and out of it is in the files beside this one.
 */
import type { Queue } from 'workbox-background-sync';

/** The worker, of which this has no types of its own. */
const worker = self as unknown as {
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
};

interface WorkerEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface FetchEvent extends WorkerEvent {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface AskedEvent extends WorkerEvent {
  data: 'left' | 'send';
  ports: MessagePort[];
}

const PAGE = 'page';

/** What an app does with its queue. */
export interface Handling {
  queue: Queue;
  /** Answers what the page posts; what goes on after the answer is given to `later`, so that the worker lives as long. */
  take(request: Request, later: (work: Promise<unknown>) => void): Promise<Response>;
  /** A person who waits asks for it to be sent. */
  send(): Promise<unknown>;
  /** Whether the queue is being replayed. */
  isBusy(): boolean;
}

export function app({ queue, take, send, isBusy }: Handling): void {
  const on = <E extends Event>(name: string, listener: (event: E) => void) =>
    addEventListener(name, listener as (event: Event) => void);

  on<WorkerEvent>('install', event => {
    event.waitUntil(caches.open(PAGE).then(cache => cache.add('/')));
    void worker.skipWaiting();
  });
  on<WorkerEvent>('activate', event => event.waitUntil(worker.clients.claim()));
  on<FetchEvent>('fetch', event => {
    const { request } = event;
    if (request.method === 'POST') event.respondWith(take(request, work => event.waitUntil(work)));
    else if (request.mode === 'navigate') event.respondWith(page(request));
  });
  on<AskedEvent>('message', event => {
    const [port] = event.ports;
    const asked = event.data === 'send' ? send().catch(() => {}) : left(queue, isBusy);
    event.waitUntil(asked.then(answer => port?.postMessage(answer)));
  });
}

const page = async (request: Request): Promise<Response> => (await caches.match('/')) ?? fetch(request);

async function left(queue: Queue, isBusy: () => boolean) {
  const all = await queue.getAll();
  const ids = all.map(async ({ request }) => ((await request.clone().json()) as { id: string }).id);
  return { ids: await Promise.all(ids), busy: isBusy() };
}

/** What the page is told of what is in the queue. */
export const kept = (): Response => new Response(null, { status: 202 });

/** What goes on while it goes on. */
export class Busy {
  private count = 0;

  get is(): boolean {
    return this.count > 0;
  }

  async with(work: () => Promise<void>): Promise<void> {
    this.count += 1;
    try {
      await work();
    } finally {
      this.count -= 1;
    }
  }
}
