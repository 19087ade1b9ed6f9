/**
 * The bars, and whether they hold: ratios of what was measured in the same round, so that a slow moment of the machine falls on
 * both sides. A bar holds when the median of the rounds does. What other benches measure is written in the same form to a file
 * for each, target/bench/NAME.json, so that one report has it all.
 */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from './report.ts';
import type { Result } from './rounds.ts';

export interface Spread {
  min: number;
  median: number;
  max: number;
  /** Of how many rounds. */
  of: number;
}

export interface Bar {
  what: string;
  /** As it is written. */
  bar: string;
  seen: Spread;
  holds: boolean;
}

/** The least, the middle and the most of these. */
export function spread(values: number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  const median = ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2;
  return { min: sorted[0] ?? Number.NaN, median, max: sorted.at(-1) ?? Number.NaN, of: sorted.length };
}

/** A bar that the values are to stay below; none where nothing was measured. */
export function atMost(what: string, limit: number, values: number[]): Bar[] {
  const seen = spread(values);
  return values.length === 0 ? [] : [{ what, bar: `≤ ${limit}`, seen, holds: seen.median <= limit }];
}

/** One that they are to reach. */
export function atLeast(what: string, limit: number, values: number[]): Bar[] {
  const seen = spread(values);
  return values.length === 0 ? [] : [{ what, bar: `≥ ${limit}`, seen, holds: seen.median >= limit }];
}

const FOLDER = new URL('../../target/bench', import.meta.url).pathname;

/** What a bench has left for the report. */
export interface Measured {
  /** The day, as YYYY-MM-DD. */
  date: string;
  bars: Bar[];
}

/** Leaves a bench's bars for the report. */
export function writeBars(name: string, bars: Bar[]): void {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, `${name}.json`), `${JSON.stringify({ bars }, undefined, 1)}\n`);
}

/** What the other benches have left. */
export function otherBars(): Measured[] {
  const names = readdirSync(FOLDER).filter(name => name.endsWith('.json') && name !== 'report.json');
  return names.toSorted().flatMap(name => {
    const file = join(FOLDER, name);
    const { bars } = JSON.parse(readFileSync(file, 'utf8')) as { bars?: Bar[] };
    return bars ? [{ date: statSync(file).mtime.toISOString().slice(0, 10), bars }] : [];
  });
}

/** Says which hold. */
export function print(bars: Bar[]): void {
  for (const { what, bar, seen, holds } of bars)
    console.log(
      `${holds ? 'holds ' : 'MISSED'} ${what}: ${seen.median.toFixed(2)} (${seen.min.toFixed(2)} to ${seen.max.toFixed(2)}), bar ${bar}`,
    );
}

/** In every round that both were in, what the one took for each ms of the other. */
function ratios(
  results: Result[],
  over: string,
  under: string,
  of: (result: Result) => number | undefined,
): number[] {
  const times = (name: string) =>
    new Map(results.filter(({ contender }) => contender === name).map(result => [result.round, of(result)]));
  const [ones, others] = [times(over), times(under)];
  return [...ones].flatMap(([round, one]) => {
    const other = others.get(round);
    return one !== undefined && other ? [one / other] : [];
  });
}

/** What the report says of P1, P2 and P3. */
export function judged({ benches, compressed }: Report, rate: number): Bar[] {
  const of = (name: string) => benches.find(bench => bench.name === name)?.results ?? [];
  const drained = ({ drained }: Result) => drained;
  const each = ({ entered, items }: Result) => entered / items;
  const [loopback, field, enqueue] = [of('loopback'), of('field'), of('enqueue')];
  const carried = (compressed * 8_000) / rate;
  const links = field.flatMap(({ contender, drained }) =>
    contender === 'fieldsync' && drained !== undefined ? [drained / carried] : [],
  );
  return [
    ...atMost('P1 drain on loopback ÷ RxDB', 0.9, ratios(loopback, 'fieldsync', 'rxdb', drained)),
    ...atMost('P1 drain on loopback ÷ floor', 2, ratios(loopback, 'fieldsync', 'floor', drained)),
    ...atMost('P2 drain on the field link ÷ RxDB', 0.5, ratios(field, 'fieldsync', 'rxdb', drained)),
    ...atLeast('P2 Workbox ÷ drain on the field link', 20, ratios(field, 'workbox', 'fieldsync', drained)),
    ...atMost('P2 drain on the field link ÷ (compressed bytes ÷ rate)', 1.2, links),
    ...atMost(
      'P3 enqueue one, strict and sealed ÷ raw strict put',
      1.5,
      ratios(enqueue, 'fieldsync', 'floor', each),
    ),
    ...atMost(
      'P3 the same on a page that shows nothing ÷ raw strict put',
      1.5,
      ratios(enqueue, 'fieldsync-bare', 'floor', each),
    ),
    ...atMost('P3 enqueue one ÷ RxDB’s relaxed insert', 1, ratios(enqueue, 'fieldsync', 'rxdb', each)),
    ...atMost('P3 enqueue one ÷ PouchDB’s relaxed insert', 1, ratios(enqueue, 'fieldsync', 'pouchdb', each)),
  ];
}
