/**
 * `cargo xtask bench peers`: fieldsync beside its peers in the browser (P1, P2, P3). Prints each result as it comes and writes
 * target/bench/report.{json,html,md}. Times are never asserted; that an item was lost is.
 *
 * `--items N`, `--rounds N`, `--slow-rounds N` (on the field link, for those that take minutes), `--only loopback,field,enqueue`,
 * `--contenders floor,fieldsync`.
 */
import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { judged, print } from './bars.ts';
import { bundle, PEERS, peers } from './bundle.ts';
import { before, type Part, type Report, write } from './report.ts';
import { BARE, type Bench, FIELD, play, type Result, type Turn } from './rounds.ts';
import { Stage } from './stage.ts';

const { values } = parseArgs({
  options: {
    items: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '5' },
    'slow-rounds': { type: 'string', default: '2' },
    only: { type: 'string', default: 'enqueue,loopback,field' },
    contenders: { type: 'string' },
  },
});
const COUNT = Number(values.items);
const ROUNDS = Number(values.rounds);
const SLOW = Number(values['slow-rounds']);
const ITEMS = new URL('../data/field-items.json', import.meta.url).pathname;

const strict = (contender: string, rounds?: number): Turn => ({
  contender,
  durability: 'strict',
  ...(rounds === undefined ? {} : { rounds }),
});
const relaxed = (contender: string): Turn => ({ contender, durability: 'relaxed' });

const BENCHES: Bench[] = [
  {
    name: 'enqueue',
    title: 'One item is kept (P3)',
    link: undefined,
    drains: false,
    most: 300,
    turns: [strict('floor'), strict('fieldsync'), strict(BARE), relaxed('rxdb'), relaxed('pouchdb')],
  },
  {
    name: 'loopback',
    title: 'All items are sent, loopback (P1)',
    link: undefined,
    drains: true,
    turns: ['floor', 'fieldsync', 'rxdb', 'pouchdb', 'dexie', 'tanstack', 'workbox'].map(name =>
      strict(name),
    ),
  },
  {
    name: 'field',
    title: 'All items are sent, field link: 150 ms, 1.55 Mbit/s (P2)',
    link: FIELD,
    drains: true,
    turns: [
      ...['floor', 'fieldsync', 'rxdb', 'pouchdb', 'tanstack'].map(name => strict(name)),
      ...['dexie', 'workbox'].map(name => strict(name, SLOW)),
    ],
  },
];

const wanted = ({ contender }: Turn): boolean => values.contenders?.split(',').includes(contender) ?? true;

/** What the items come to as one gzipped text: the least that the link has to carry. */
function compressed(): number {
  const all = JSON.parse(readFileSync(ITEMS, 'utf8')) as unknown[];
  return gzipSync(JSON.stringify(all.slice(0, COUNT))).length;
}

/** The peers' versions, as they were installed. */
function versions(): Record<string, string> {
  const lock = JSON.parse(readFileSync(join(PEERS, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version?: string; dependencies?: Record<string, string> }>;
  };
  const names = Object.keys(lock.packages['']?.dependencies ?? {});
  return Object.fromEntries(names.map(name => [name, lock.packages[`node_modules/${name}`]?.version ?? '']));
}

function tell({ round, contender, durability, items, entered, drained, apart, kept, twice }: Result): void {
  const ms = (time: number) => `${Math.round(time)} ms`;
  const each = `${(entered / items).toFixed(2)} each`;
  const sent =
    drained === undefined
      ? ''
      : `, sent ${ms(drained)} (apart ${ms(apart ?? 0)}), kept ${kept} of ${items}, twice ${twice}`;
  console.log(`  ${round}: ${contender} (${durability}) entered ${ms(entered)} (${each})${sent}`);
}

await bundle(peers());
const stage = await Stage.open();
const report: Report = {
  date: new Date().toISOString().slice(0, 10),
  machine: {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memory: totalmem(),
    system: `${process.platform} ${process.arch}`,
    node: process.version,
    chromium: stage.browserVersion,
    server: /release/.test(process.env.FIELDSYNC_SERVER ?? 'release') ? 'release' : 'debug',
  },
  versions: versions(),
  items: COUNT,
  compressed: compressed(),
  // What is not asked for now stays as it was seen before.
  benches: before(COUNT).filter(({ name }) => !values.only.split(',').includes(name)),
  bars: [],
};
try {
  for (const bench of BENCHES) {
    if (!values.only.split(',').includes(bench.name)) continue;
    console.log(`${bench.title}, ${Math.min(COUNT, bench.most ?? COUNT)} items, ${ROUNDS} rounds`);
    const turns = bench.turns.filter(wanted);
    const { name, title } = bench;
    const part: Part = { name, title, date: report.date, results: [] };
    report.benches.push(part);
    await play({ ...bench, turns }, ROUNDS, { stage, count: COUNT, items: ITEMS }, result => {
      tell(result);
      part.results.push(result);
      report.bars = judged(report, FIELD.rate);
      write(report); // with each of them: what a later one ends in takes nothing from what was seen
    });
  }
} finally {
  await stage.close();
}
print(report.bars);
const all = report.benches.flatMap(({ results }) => results);
const lost = all.filter(({ kept, items }) => kept !== undefined && kept < items);
if (lost.length > 0) {
  console.error(
    `items were lost: ${lost.map(({ contender, kept }) => `${contender} kept ${kept}`).join(', ')}`,
  );
  process.exitCode = 1;
}
