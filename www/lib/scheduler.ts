import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { asCallError, connect } from './client';
import type { CallError, HealthReport, SchedulerAsk, SchedulerView, Space, StoreMark } from './generated';
import { IS_TEST } from './tempo';

/** What a page asks the scheduler of sync checks, and what it is answered. */
export interface SchedulerCalls {
  'sync:scheduler:isRunning': boolean;
  /** In milliseconds since 1970. */
  'sync:scheduler:getNextRun': number | null;
  'sync:scheduler:getLastRun': number | null;
  /** The last report, where there was a check a moment ago; else answered when the check is over. */
  'sync:scheduler:checkNow': SchedulerView;
}

/** What test builds alone are told, on this page: as if the vault was locked or opened, and what reports are to say. */
async function pretend(
  name: 'vault:locked' | 'vault:unlocked' | 'sync:test:force-status',
  needsSync = false,
): Promise<SchedulerView> {
  const wishes = {
    'vault:locked': { wish: 'pause' },
    'vault:unlocked': { wish: 'resume' },
    'sync:test:force-status': { wish: 'news', force: needsSync },
  };
  return (await connect()).scheduler(wishes[name] as SchedulerAsk);
}
if (IS_TEST) Object.assign(globalThis, { fieldsyncPretend: pretend });

/** A question that is not answered by then is an error at who asked. */
export const TIMEOUT = 30_000;

const ANSWERS: { [K in keyof SchedulerCalls]: (view: SchedulerView) => SchedulerCalls[K] } = {
  'sync:scheduler:isRunning': ({ state }) => state === 'RUNNING',
  'sync:scheduler:getNextRun': ({ nextRun }) => nextRun,
  'sync:scheduler:getLastRun': ({ lastRun }) => lastRun,
  'sync:scheduler:checkNow': view => view,
};

/** Who is asked; where there is none, this page's own engine is. */
export const theWorker = (): ServiceWorker | null | undefined => navigator.serviceWorker?.controller;

/** Asks the worker, or this page's own engine where there is none. Rejects with a `CallError`. */
export async function request<K extends keyof SchedulerCalls>(
  name: K,
  timeout = TIMEOUT,
): Promise<SchedulerCalls[K]> {
  const wish = name === 'sync:scheduler:checkNow' ? 'check' : 'look';
  const ask = await asking(wish);
  const worker = theWorker();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const error: CallError = { code: 'timeout', retryable: true, message: 'No answer came in time.' };
    timer = setTimeout(() => reject(error), timeout);
  });
  try {
    const answer = worker ? toWorker(worker, ask) : connect().then(client => client.scheduler(ask));
    return ANSWERS[name](await Promise.race([answer, late]));
  } catch (error) {
    throw asCallError(error);
  } finally {
    clearTimeout(timer);
  }
}

function toWorker(worker: ServiceWorker, ask: object): Promise<SchedulerView> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve, reject) => {
    port1.onmessage = ({ data }) => {
      port1.close();
      if (data?.ok) resolve(data.ok as SchedulerView);
      else reject(data?.error);
    };
    worker.postMessage({ type: 'fieldsync:scheduler', ask }, [port2]);
  });
}

/** A question to the scheduler, with what only a page can tell. */
async function asking(wish: SchedulerAsk['wish'] & string): Promise<SchedulerAsk> {
  const mark = markOf(document.cookie);
  return { wish, space: await space(), ...(mark ? { mark } : {}) };
}

/**
 * The name of the cookie that says that there was a store here (lib/canary). Cookies are not removed with what a browser clears
 * for want of room. They do not tell ports apart: apps on several have one each.
 */
const MARK = `fieldsync-store${location.port && `-${location.port}`}`;

function markOf(cookies: string): StoreMark | undefined {
  const [, device, waiting] = new RegExp(`${MARK}=([^.;]+)\\.(\\d+)`).exec(cookies) ?? [];
  return device === undefined ? undefined : { device, waiting: Number(waiting) };
}

/** What the browser says of its storage; what it does not say is unknown. */
async function space(): Promise<Space> {
  const { storage } = navigator;
  try {
    const [persisted, { usage, quota }] = await Promise.all([storage.persisted(), storage.estimate()]);
    return {
      persisted,
      ...(usage === undefined ? {} : { usage }),
      ...(quota === undefined ? {} : { quota }),
    };
  } catch {
    return {};
  }
}

let view: SchedulerView | undefined;
let started = false;
const watchers = new Set<() => void>();

/** How the scheduler stood when it was last heard of. */
export const standing = (): SchedulerView | undefined => view;

/** Calls back after every check, until the answered function is called; the first to do so starts the scheduler. */
export function onStatusChange(watcher: () => void): () => void {
  watchers.add(watcher);
  if (!started) void start();
  return () => watchers.delete(watcher);
}

/** Has an element drawn anew after every check, as long as it stands somewhere. */
export class ChecksController implements ReactiveController {
  #stop: (() => void) | undefined;

  constructor(private readonly host: ReactiveControllerHost) {
    host.addController(this);
  }

  hostConnected(): void {
    this.#stop = onStatusChange(() => this.host.requestUpdate());
  }

  hostDisconnected(): void {
    this.#stop?.();
  }
}

async function start(): Promise<void> {
  started = true;
  try {
    const client = await connect();
    const look = async (wish: 'look' | 'start') => {
      view = await client.scheduler(await asking(wish));
      for (const watcher of [...watchers]) watcher();
      // For pages of others, and for scripts: the same by its name.
      if (wish === 'look') dispatchEvent(new CustomEvent('sync:status-change', { detail: view.report }));
    };
    client.on(event => {
      if (event.type === 'checked') void look('look').catch(() => {});
    });
    await look('start');
    const since = performance.now();
    void import('./canary')
      .then(({ watch }) => watch(client, { name: MARK, standing, look: () => look('look') }))
      .catch(() => {}); // the next page has it
    void import('./watching').then(({ watch }) => watch(client, { standing, since })).catch(() => {}); // the same
    void import('./own-schedules').then(({ followSchedules }) => followSchedules(client)).catch(() => {});
  } catch {
    started = false; // whoever watches next tries again
  }
}

declare global {
  interface WindowEventMap {
    'sync:status-change': CustomEvent<HealthReport | null>;
  }
}
