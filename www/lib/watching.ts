/**
 * What is watched of a page for those who look after it: a log on the console, an event for an error tracker, figures of the sync
 * checks. It has types, codes, counts, times and places in the code, and nothing that anybody has entered. It comes after the
 * start, whose bytes are few: what fails in the first second goes untold.
 */
import type { Fieldsync } from './client';
import type { CheckCounts, CheckNote, Progress, SchedulerView, Event as SyncEvent } from './generated';

/** What is logged: nothing, what failed, how checks and syncs ended too, every event of the engine too. */
const LEVELS = ['off', 'error', 'info', 'debug'] as const;
export type LogLevel = (typeof LEVELS)[number];

const KEY = 'fieldsync.log';

/** As this device was told, else as the organisation's build says. Read each time, so that it takes effect at once. */
export function logLevel(): LogLevel {
  const meta = document.querySelector<HTMLMetaElement>('meta[name="fieldsync-log"]');
  return LEVELS.find(level => level === kept()) ?? LEVELS.find(level => level === meta?.content) ?? 'error';
}

function kept(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function log(level: Exclude<LogLevel, 'off'>, words: string): void {
  if (LEVELS.indexOf(level) > LEVELS.indexOf(logLevel())) return;
  // One text, so that nothing in it is taken for a format.
  // biome-ignore lint/suspicious/noConsole: this is the log
  console[level](`fieldsync: ${words}`);
}

/** Something that failed, as an error tracker may have it. */
export interface Failure {
  /** In a sync check, anywhere on the page where nobody expected it, or as the service worker was to be registered. */
  where: 'check' | 'page' | 'worker';
  /** The stable name that the engine or the server gives it; else the error's own, such as `TypeError`. */
  code?: string;
  /** A sentence for whoever looks after it, in English. */
  message: string;
  /** Where in the code, the innermost first: file, line and column, or a function of the engine. */
  places?: string[];
}

/** Tells of an error, whatever the log level. */
export const failed = (where: Failure['where'], thrown: unknown): void =>
  tell({ where, ...tellable(thrown) });

function tell(failure: Failure): void {
  const { where, code, message, places = [] } = failure;
  log('error', [`${where}: ${message}`, ...(code ? [`(${code})`] : []), ...places].join(' '));
  dispatchEvent(new CustomEvent('fieldsync:error', { detail: failure }));
}

/** In the stack of an error, with nothing around that could be anybody's words. */
const PLACE = /[\w.-]+\.(?:js:\d+:\d+|wasm:wasm-function\[\d+\]:0x[\da-f]+)/g;
/** From the first quotation mark to the last: browsers cite there what they could not read, such as JSON or a selector. */
const CITED = /["'`“‘].*["'`”’]/s;

/** What of something that was thrown may leave the page. */
export function tellable(thrown: unknown): Omit<Failure, 'where'> {
  const { code, problem } = Object(thrown) as { code?: unknown; problem?: { code?: unknown } };
  const stable = typeof code === 'string' ? code : problem?.code;
  // The sentences of engine and server are for the person, and name people, places and values.
  if (typeof stable === 'string') return { code: stable, message: 'Refused, and nobody expected it.' };
  if (!(thrown instanceof Error)) return { message: 'Something was thrown that is no error.' };
  const { name, message, stack = '' } = thrown;
  const places = stack.replace(message, '').match(PLACE)?.slice(0, 10);
  return { code: name, message: message.replace(CITED, '…').slice(0, 200), ...(places ? { places } : {}) };
}

/** So many of a page are told, each of a kind once: a tracker that fails as it is told would else be told without end. */
const MOST = 100;
const kinds = new Set<string>();

function uncaught(thrown: unknown): void {
  const failure: Failure = { where: 'page', ...tellable(thrown) };
  const { code, message, places } = failure;
  const kind = JSON.stringify([code, message, places?.[0]]);
  if (kinds.has(kind) || kinds.size === MOST) return;
  kinds.add(kind);
  tell(failure);
}

/** What the scheduler knows: how it stands, and since when it runs on this page, by `performance.now()`. */
interface Known {
  standing: () => SchedulerView | undefined;
  since: number;
}

/** Watches from now on. */
export function watch(client: Fieldsync, { standing, since }: Known): void {
  begun = since;
  // An event without its error is another origin's, or a browser's remark on the layout.
  addEventListener('error', ({ error }) => error && uncaught(error));
  addEventListener('unhandledrejection', ({ reason }) => uncaught(reason));
  client.on(hear);

  // A page that nobody looks at may be frozen, and hears of everything when it is looked at again.
  const shownSince = () => (document.visibilityState === 'visible' ? Date.now() : Number.POSITIVE_INFINITY);
  let shown = shownSince();
  document.addEventListener('visibilitychange', () => {
    shown = shownSince();
  });
  const notes = () => standing()?.history ?? [];
  let seen = notes().at(-1)?.at;
  // Told when all on the page who wait for a check have been.
  addEventListener('sync:status-change', () => {
    const all = notes();
    const fresh = all.slice(all.findLastIndex(({ at }) => at === seen) + 1);
    seen = all.at(-1)?.at;
    for (const note of fresh) ended(note, shown);
  });
}

function hear(event: SyncEvent): void {
  log('debug', `event: ${event.type}${'progress' in event ? `, ${tally(event.progress)}` : ''}`);
  if (event.type !== 'settled') return;
  const { progress, remaining, hold } = event.settled;
  const { startedAt, endedAt } = progress;
  const took = endedAt === undefined ? '' : `, in ${endedAt - startedAt} ms`;
  log(
    'info',
    `sync ended: ${tally(progress)}, ${remaining} remain${hold ? `, held (${hold.why})` : ''}${took}`,
  );
}

const tally = ({ completedItems, failedItems, totalItems }: Progress): string =>
  `${completedItems} done and ${failedItems} not of ${totalItems}`;

function ended({ at, needsSync }: CheckNote, shown: number): void {
  const ms = Date.now() - at;
  // Else the clock was set back meanwhile.
  if (at >= shown && ms >= 0) latency = { last: ms, sum: latency.sum + ms, heard: latency.heard + 1 };
  const words = needsSync === null ? 'no report' : needsSync ? 'a sync is needed' : 'in step';
  log('info', `check ended: ${words}, heard of after ${ms} ms`);
  // The engine does not say why: it has asked the server, and the answer was not as it should be.
  if (needsSync === null)
    tell({ where: 'check', code: 'check_failed', message: 'A sync check came to no report.' });
}

/** How long it took from the ends of checks until this page had heard of them, in milliseconds; of how many. */
export interface Latency {
  last: number;
  sum: number;
  heard: number;
}

/** When the scheduler began here. */
let begun: number | undefined;
let latency: Latency = { last: 0, sum: 0, heard: 0 };
const NONE: CheckCounts = { done: 0, failed: 0, limited: 0, tookMs: 0 };
/** What workers have counted that this page has asked for checks; and what the last of them had, as it last said. */
let workers = NONE;
let worker = NONE;

/** A worker, which counts for itself and lives for seconds, has answered this page's wish for a check. */
export function counted(counts: CheckCounts): void {
  workers = each(key => workers[key] + more(counts, worker)[key]);
  worker = counts;
}

const each = (of: (key: keyof CheckCounts) => number): CheckCounts => ({
  done: of('done'),
  failed: of('failed'),
  limited: of('limited'),
  tookMs: of('tookMs'),
});

/** What was counted since then. Each answered wish counts one: who has not counted more has begun anew. */
export function more(now: CheckCounts, then: CheckCounts): CheckCounts {
  const { done, failed, limited, tookMs } = each(key => now[key] - then[key]);
  const goesOn = done + failed + limited > 0 && Math.min(done, failed, limited, tookMs) >= 0;
  return goesOn ? { done, failed, limited, tookMs } : now;
}

/** What a page has seen of sync checks since it was opened. What cannot be said yet is undefined. */
export interface Figures {
  /** Since when the scheduler runs here, in milliseconds. */
  uptimeMs: number | undefined;
  /** Checks that came to a report; and that did not, those among them that could not be begun without a network. */
  done: number;
  failed: number;
  /** The share of checks that came to a report, from 0 to 1. */
  successRate: number | undefined;
  /** How long a check took on average, in milliseconds. */
  meanMs: number | undefined;
  /** From a check's end until this page had heard of it, in milliseconds: the last time, and on average. */
  latencyMs: number | undefined;
  meanLatencyMs: number | undefined;
  /** Wishes for a check that the last report was given for. */
  limited: number;
}

/** The figures, as of now. */
export function figuresOf({ counts }: SchedulerView): Figures {
  const uptimeMs = begun === undefined ? undefined : performance.now() - begun;
  return figuresFrom(
    each(key => counts[key] + workers[key]),
    latency,
    uptimeMs,
  );
}

/** The figures that these counts come to. */
export function figuresFrom(
  { done, failed, limited, tookMs }: CheckCounts,
  { last, sum, heard }: Latency,
  uptimeMs: number | undefined,
): Figures {
  const mean = (all: number, of: number) => (of > 0 ? all / of : undefined);
  return {
    uptimeMs,
    done,
    failed,
    successRate: mean(done, done + failed),
    meanMs: mean(tookMs, done + failed),
    latencyMs: heard > 0 ? last : undefined,
    meanLatencyMs: mean(sum, heard),
    limited,
  };
}

declare global {
  interface WindowEventMap {
    'fieldsync:error': CustomEvent<Failure>;
  }
}
