/**
 * The rounds: every contender once a round, one after another (A B C D A B C D …), so that whatever else the machine does falls
 * on all of them. What is measured of an appearance is kept as it came; the report makes ratios of it.
 */
import type { Durability } from './contender.ts';
import { Ours } from './contenders/fieldsync.ts';
import { type Appearance, type How, Peer } from './peer.ts';
import type { Link, Stage } from './stage.ts';

/** The field link: RTT 150 ms, 1.55 Mbit/s. */
export const FIELD: Link = { roundTrip: 150, rate: 1_550_000 };

/** fieldsync's engine on a page that shows nothing. */
export const BARE = 'fieldsync-bare';

/** A bench: what is asked of whom. */
export interface Bench {
  name: 'loopback' | 'field' | 'enqueue';
  title: string;
  link: Link | undefined;
  /** Whether the items are sent too. */
  drains: boolean;
  /** No more items than these: what one takes is seen by then. */
  most?: number;
  /** In the order of their turns; a number where one takes so long that it has fewer rounds. */
  turns: Turn[];
}

export interface Turn {
  contender: string;
  durability: Durability;
  /** Of all rounds the first so many. */
  rounds?: number;
}

/** What one appearance came to. Times in ms. */
export interface Result {
  round: number;
  contender: string;
  durability: Durability;
  items: number;
  /** To keep all items on the device. */
  entered: number;
  /** To keep one: the middle, and that which 99 of 100 do not exceed. Absent where they are not kept one by one. */
  median?: number;
  p99?: number;
  drained?: number;
  /** The ping window, which is not counted in it. */
  apart?: number;
  /** On the server's disk in the end. */
  kept?: number;
  /** Came that had come before. */
  twice?: number;
}

/** No appearance takes longer, in ms: what hangs is told and the others go on. */
const LONGEST = 420_000;

/** Plays a bench; `tell` hears of each result as it comes. */
export async function play(
  bench: Bench,
  rounds: number,
  how: Omit<How, 'durability' | 'link'>,
  tell: (result: Result) => void,
): Promise<void> {
  for (let round = 1; round <= rounds; round++) {
    for (const turn of bench.turns) {
      if (round > (turn.rounds ?? rounds)) continue;
      tell({ round, ...(await appear(bench, turn, how)) });
    }
  }
}

async function appear(
  { link, drains, most = Number.POSITIVE_INFINITY }: Bench,
  { contender, durability }: Turn,
  given: Omit<How, 'durability' | 'link'>,
): Promise<Omit<Result, 'round'>> {
  const { stage } = given;
  const items = Math.min(given.count, most);
  const how: How = { ...given, count: items, durability, link };
  const it = contender.startsWith('fieldsync')
    ? await Ours.appear(how, { bare: contender === BARE })
    : await Peer.appear(contender, how);
  try {
    await stage.online(false);
    const { each, took: entered } = await inTime(`${contender} keeps its items`, it.enqueue());
    const times = each.toSorted((a, b) => a - b);
    const at = (share: number) => times[Math.floor(times.length * share)];
    const [median, p99] = [at(0.5), at(0.99)];
    const one = median === undefined || p99 === undefined ? {} : { median, p99 };
    const result = { contender, durability, items, entered, ...one };
    return drains ? { ...result, ...(await drain(it, stage, contender)) } : result;
  } finally {
    await stage.online(true);
    await it.close();
  }
}

async function drain(it: Appearance, stage: Stage, contender: string) {
  await stage.online(true);
  const { took: drained, apart } = await inTime(`${contender} sends its items`, it.drain());
  const { kept, twice } = await it.kept();
  return { drained, apart, kept, twice };
}

async function inTime<T>(what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${LONGEST / 1_000} s`)), LONGEST);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
