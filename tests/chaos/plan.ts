/**
 * What goes wrong in a run of chaos, and when: data, made from a seed. The same seed and time give the same plan; what a browser
 * makes of it depends on the machine, so a plan that failed is played again and not replayed to the step.
 */

/**
 * What is done to the link, for a while. Whoever looks at the link before sending, as ours does, sends into few of the others: only
 * where all goes well but the answers to what is sent are lost (`unanswered`) is anything often sent again.
 */
export const LINK = ['down', 'slow', 'portal', 'failing', 'busy', 'cutShort', 'deaf', 'unanswered'] as const;
/** What is done to those at its ends. */
export const LIFE = [
  'serverKilled',
  'workerKilled',
  'tabClosed',
  'tabOpened',
  'browserKilled',
  'diskFull',
  'locked',
  'newVersion',
] as const;

export type LinkFault = (typeof LINK)[number];
export type LifeFault = (typeof LIFE)[number];

/** After `calm` milliseconds it begins; it ends after `lasts` more, where it is something that lasts. */
export interface Step<Fault> {
  calm: number;
  fault: Fault;
  lasts: number;
}

export interface Plan {
  link: Step<LinkFault>[];
  life: Step<LifeFault>[];
}

/** Numbers from 0 up to 1, always the same ones from a seed (mulberry32). */
export function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One of them. */
export const oneOf = <T>(next: () => number, all: readonly T[]): T =>
  all[Math.floor(next() * all.length)] as T;

/** From `least` to `most`. */
export const between = (next: () => number, least: number, most: number): number =>
  Math.round(least + next() * (most - least));

/** A plan for so many milliseconds, of the faults that the browser can have. */
export function planOf(seed: number, time: number, { link = LINK, life = LIFE }: Partial<Kinds> = {}): Plan {
  return {
    // A link must be good for longer than a look at it takes, now and then: else nothing is ever sent.
    link: steps(numbers(seed), time, link, { calm: [1_000, 9_000], lasts: [300, 5_000] }),
    life: steps(numbers(seed + 1), time, life, { calm: [1_500, 7_000], lasts: [200, 3_000] }),
  };
}

export interface Kinds {
  link: readonly LinkFault[];
  life: readonly LifeFault[];
}

type Range = [number, number];

function steps<Fault>(
  next: () => number,
  time: number,
  kinds: readonly Fault[],
  ranges: { calm: Range; lasts: Range },
): Step<Fault>[] {
  const all: Step<Fault>[] = [];
  for (let at = 0; at < time; ) {
    const step = {
      calm: between(next, ...ranges.calm),
      fault: oneOf(next, kinds),
      lasts: between(next, ...ranges.lasts),
    };
    all.push(step);
    at += step.calm + step.lasts;
  }
  return all;
}
