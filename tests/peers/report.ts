/** Writes what was measured: report.json as it came, report.html with plots, report.md with the tables for docs/benchmarks.md. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bar, otherBars, type Spread, spread } from './bars.ts';
import { PEERS } from './bundle.ts';
import { plot } from './plot.ts';
import type { Result } from './rounds.ts';

/** What one bench came to. */
export interface Part {
  name: string;
  title: string;
  date: string;
  results: Result[];
}

export interface Report {
  date: string;
  machine: {
    cpu: string;
    cores: number;
    /** In bytes. */
    memory: number;
    system: string;
    node: string;
    chromium: string;
    /** How fieldsync's server was built. */
    server: 'release' | 'debug';
  };
  versions: Record<string, string>;
  items: number;
  /** Bytes of all items as one gzipped text. */
  compressed: number;
  benches: Part[];
  bars: Bar[];
}

/** One contender over all rounds of a bench. */
export interface Line {
  contender: string;
  durability: string;
  results: Result[];
}

/** The results by contender, in the order of their turns. */
export function lines(results: Result[]): Line[] {
  const all = new Map<string, Line>();
  for (const result of results) {
    const { contender, durability } = result;
    const line = all.get(contender) ?? { contender, durability, results: [] };
    line.results.push(result);
    all.set(contender, line);
  }
  return [...all.values()];
}

const number = (value: number): string =>
  Number.isNaN(value) ? '–' : value >= 20 ? Math.round(value).toLocaleString('en') : value.toFixed(2);
const words = ({ min, median, max }: Spread): string =>
  `${number(median)} (${number(min)} to ${number(max)})`;
const over = (results: Result[], of: (result: Result) => number | undefined): Spread =>
  spread(results.map(of).filter(value => value !== undefined));
const most = (results: Result[], of: (result: Result) => number): number => Math.max(...results.map(of));

/** The columns of a bench's table. */
function table(results: Result[]): string[][] {
  const drains = results.some(({ drained }) => drained !== undefined);
  const head = ['contender', 'rounds', 'keep one, ms', 'keep all, ms'];
  const rest = ['send all, ms', 'ping window beside it, ms', 'lost, at most', 'came twice, at most'];
  return [
    drains ? [...head, ...rest] : [...head.slice(0, 3), 'median of one, ms', 'p99 of one, ms'],
    ...lines(results).map(({ contender, durability, results }) => {
      const name = `${contender}${durability === 'relaxed' ? ' (relaxed)' : ''}`;
      const one = words(over(results, ({ entered, items }) => entered / items));
      const first = [name, `${results.length}`, one];
      if (!drains)
        return [
          ...first,
          words(over(results, ({ median }) => median)),
          words(over(results, ({ p99 }) => p99)),
        ];
      return [
        ...first,
        words(over(results, ({ entered }) => entered)),
        words(over(results, ({ drained }) => drained)),
        words(over(results, ({ apart }) => apart)),
        `${most(results, ({ items, kept = 0 }) => items - kept)}`,
        `${most(results, ({ twice = 0 }) => twice)}`,
      ];
    }),
  ];
}

const barTable = (bars: Bar[]): string[][] => [
  ['bar', 'asked for', 'median (least to most)', 'rounds', ''],
  ...bars.map(({ what, bar, seen, holds }) => [
    what,
    bar,
    words(seen),
    `${seen.of}`,
    holds ? 'holds' : 'missed',
  ]),
];

/** What the other benches came to, with the day of each. */
const otherTable = (): string[][] => [
  ['bar', 'asked for', 'median (least to most)', 'rounds', '', 'on'],
  ...otherBars().flatMap(({ date, bars }) =>
    barTable(bars)
      .slice(1)
      .map(row => [...row, date]),
  ),
];

function inMarkdown([head = [], ...rows]: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');

function inHtml([head = [], ...rows]: string[][]): string {
  const row = (cells: string[], tag: string) =>
    `<tr>${cells.map(cell => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`;
  return `<table>${row(head, 'th')}${rows.map(cells => row(cells, 'td')).join('')}</table>`;
}

function described({ date, machine, items, compressed, versions }: Report): string {
  const { cpu, cores, memory, system, node, chromium, server } = machine;
  const gib = Math.round(memory / 2 ** 30);
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return (
    `${date}; ${cpu}, ${cores} cores, ${gib} GiB, ${system}; Chromium ${chromium}, Node ${node}; ` +
    `${items} items, ${compressed.toLocaleString('en')} bytes gzipped; server: ${server} build; ${packages.join(', ')}`
  );
}

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}' +
  'table{border-collapse:collapse;margin:1rem 0}td,th{border:1px solid #bbb;padding:.2rem .6rem;text-align:left}' +
  'svg{max-width:100%;height:auto}';

const file = (end: string): string => join(PEERS, '..', `report.${end}`);

/** The benches of the report that is there, where it was made with as many items. */
export function before(items: number): Part[] {
  if (!existsSync(file('json'))) return [];
  const report = JSON.parse(readFileSync(file('json'), 'utf8')) as Report;
  return report.items === items ? report.benches : [];
}

/** Writes the three files into target/bench. */
export function write(report: Report): void {
  writeFileSync(file('json'), `${JSON.stringify(report, undefined, 1)}\n`);
  const parts = report.benches.map(({ title, results }) => ({
    title,
    rows: table(results),
    lines: lines(results),
  }));
  const markdown = [
    described(report),
    inMarkdown(barTable(report.bars)),
    `## The other benches\n\n${inMarkdown(otherTable())}`,
    ...parts.map(({ title, rows }) => `## ${title}\n\n${inMarkdown(rows)}`),
  ];
  writeFileSync(file('md'), `${markdown.join('\n\n')}\n`);
  const html = [
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>fieldsync beside its peers</title>',
    `<style>${STYLE}</style><h1>fieldsync beside its peers</h1><p>${escaped(described(report))}</p>`,
    inHtml(barTable(report.bars)),
    `<h2>The other benches</h2>${inHtml(otherTable())}`,
    ...parts.map(({ title, rows, lines }) => `<h2>${escaped(title)}</h2>${plot(lines)}${inHtml(rows)}`),
    '</html>',
  ];
  writeFileSync(file('html'), html.join('\n'));
}
