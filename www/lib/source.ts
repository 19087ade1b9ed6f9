import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { tryAgain } from './again';
import { asCallError } from './call-error';
import type { Fieldsync } from './client';
import type { CallError, Progress, Status, Event as SyncEvent } from './generated';

/**
 * Milliseconds between two showings of what comes in a burst: who imports a list, or receives one, would else have the page
 * drawn for each entry.
 */
const BURST = 200;

/** What the elements of a page show in common of an engine, asked of it once for all of them. */
export class Live {
  /** The engine's last answer; undefined until the first. */
  status: Status | undefined;
  /** Why there is no answer. */
  failure: CallError | undefined;
  /** Counts what may have changed the lists. */
  revision = 0;

  #watchers = new Set<() => void>();
  #client: Fieldsync | undefined;
  /** The drain that was told of last, until it settles. */
  #running: Progress | undefined;
  /** When the hold would have ended that a drain has begun in spite of. */
  #overtaken: number | undefined;
  #starting = false;
  #failed = false;
  #asking = false;
  #stale = false;
  /** When the last event was shown, and the timer for those since. */
  #shown = Number.NEGATIVE_INFINITY;
  #timer: number | undefined;

  /** `client` is how the engine is had; it may have to be started. */
  constructor(readonly client: () => Promise<Fieldsync>) {}

  /** Calls back after every change, until the answered function is called. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    void this.start();
    return () => this.#watchers.delete(watcher);
  }

  /** Connects, unless that is done or under way; also the way to try again after a failure. */
  async start(): Promise<void> {
    if (this.#client || this.#starting) return;
    this.#starting = true;
    try {
      this.#client = await this.client();
      this.failure = undefined;
      this.revision += 1;
      this.#client.on(event => this.#hear(event));
      // The engine reports what the browser says of the network, so it is asked again when that changes.
      for (const type of ['online', 'offline']) addEventListener(type, () => this.refresh());
      document.addEventListener('visibilitychange', () => {
        if (document.visibilityState === 'visible') this.refresh();
      });
      this.refresh();
    } catch (error) {
      this.failure = asCallError(error);
      if (!this.#failed) this.#followUp();
      this.#failed = true;
      this.#tell();
    } finally {
      this.#starting = false;
    }
  }

  /** After the first failure to connect. */
  #followUp(): void {
    // Someone else's attempt, such as the form's when it saves, may succeed later.
    addEventListener('fieldsync-ready', () => void this.start());
    // What the network broke off goes on with it; what else is wrong a person looks at.
    if (this.failure?.code === 'timeout') tryAgain(() => this.#connected());
  }

  async #connected(): Promise<void> {
    await this.start();
    if (!this.#client) throw this.failure;
  }

  /** Asks for the status anew. However often it is called, one question is under way at a time. */
  refresh(): void {
    this.#stale = true;
    if (!this.#asking) void this.#ask();
  }

  #hear(event: SyncEvent): void {
    this.#running = event.type === 'started' || event.type === 'progressed' ? event.progress : this.#running;
    if (event.type === 'settled') this.#running = undefined;
    if (event.type === 'started') this.#overtaken = this.status?.hold?.until;
    // The bar moves with the event; the totals follow with the answer.
    if (event.type !== 'settled' && this.status && this.#running) {
      this.status = this.#seen({ ...this.status, isActive: true });
    }
    if (this.#timer !== undefined) return;
    const wait = this.#shown + BURST - performance.now();
    if (wait <= 0) this.#show();
    else this.#timer = window.setTimeout(() => this.#show(), wait);
  }

  #show(): void {
    this.#timer = undefined;
    this.#shown = performance.now();
    this.revision += 1;
    this.#tell();
    this.refresh();
  }

  async #ask(): Promise<void> {
    if (!this.#client) return;
    this.#asking = true;
    try {
      while (this.#stale) {
        this.#stale = false;
        const before = this.status?.currentProgress?.lastSyncAttempt;
        this.status = this.#seen(await this.#client.status());
        // What is on its way now is shown so in the lists.
        if (this.status.currentProgress?.lastSyncAttempt !== before) this.revision += 1;
        this.failure = undefined;
      }
    } catch (error) {
      this.failure = asCallError(error);
    } finally {
      this.#asking = false;
    }
    this.#tell();
  }

  /** An answer, with what was heard of since. */
  #seen(status: Status): Status {
    const seen = withProgress(status, this.#running);
    if (!seen.isActive || !this.#running || seen.hold?.until !== this.#overtaken) return seen;
    const { hold: _over, ...rest } = seen;
    return rest;
  }

  #tell(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }
}

/** An event is newer than the stored answer, but for one whose question crossed it. */
function withProgress(status: Status, running: Progress | undefined): Status {
  if (!status.isActive || !running) return status;
  const known = status.currentProgress;
  const same = known?.startedAt === running.startedAt;
  const ahead = same && (known.endedAt !== undefined || answered(known) > answered(running));
  const later = known !== undefined && known.startedAt > running.startedAt;
  if (ahead || later) return status;
  // That something is on its way is stored, but no event tells it.
  const tried = same ? known.lastSyncAttempt : undefined;
  const currentProgress = tried === undefined ? running : { ...running, lastSyncAttempt: tried };
  return { ...status, currentProgress };
}

const answered = (progress: Progress): number => progress.completedItems + progress.failedItems;

/** Those of pages that have engines of their own. */
const others = new WeakMap<Fieldsync, Live>();
let common: Live | undefined;

/** From now on elements that were given no engine show this one. */
export function share(live: Live): void {
  common = live;
}

function liveOf(client: Fieldsync): Live {
  const known = others.get(client) ?? new Live(() => Promise.resolve(client));
  others.set(client, known);
  return known;
}

/**
 * Renders its element anew whenever something has changed: on the engine that the element was given as its `client`, else on
 * the one that the page's elements share. Where there is neither, nothing is known.
 */
export class LiveController implements ReactiveController {
  #watched: Live | undefined;
  #unwatch: (() => void) | undefined;
  #connected = false;

  constructor(
    private readonly host: ReactiveControllerHost & { client?: Fieldsync | undefined },
    private readonly changed?: () => void,
  ) {
    host.addController(this);
  }

  get live(): Live | undefined {
    return this.host.client ? liveOf(this.host.client) : common;
  }

  hostConnected(): void {
    this.#connected = true;
    this.#watch();
  }

  /** The element may have been given another engine. */
  hostUpdate(): void {
    if (this.#connected && this.live !== this.#watched) this.#watch();
  }

  hostDisconnected(): void {
    this.#connected = false;
    this.#unwatch?.();
    this.#watched = undefined;
  }

  #watch(): void {
    this.#unwatch?.();
    this.#watched = this.live;
    this.#unwatch = this.live?.watch(() => {
      this.changed?.();
      this.host.requestUpdate();
    });
    this.changed?.();
  }
}

/** Renders its element every second while there is something to count down to and someone to see it; else no timer runs. */
export class Countdown implements ReactiveController {
  #timer: number | undefined;
  #until: number | undefined;
  readonly #visibility = () => this.#arm();

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly source: LiveController,
  ) {
    host.addController(this);
  }

  /** Milliseconds left until then; undefined when there is nothing left or nothing to wait for. */
  left(until: number | undefined): number | undefined {
    this.#until = until;
    this.#arm();
    const left = (until ?? 0) - Date.now();
    return left > 0 ? left : undefined;
  }

  hostConnected(): void {
    document.addEventListener('visibilitychange', this.#visibility);
  }

  hostDisconnected(): void {
    document.removeEventListener('visibilitychange', this.#visibility);
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const left = (this.#until ?? 0) - Date.now();
    if (left <= 0 || document.visibilityState !== 'visible') return;
    this.#timer = window.setTimeout(
      () => {
        if (Date.now() >= (this.#until ?? 0)) this.source.live?.refresh();
        this.host.requestUpdate();
      },
      Math.min(1_000, left + 50),
    );
  }
}
