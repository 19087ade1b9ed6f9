/**
 * Lighthouse on the start page, on a phone: at least 95 for performance, accessibility and best practices. It is fetched when
 * it is asked for: it brings 200 packages of 185 MB, and only this looks at it.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loopback } from '../e2e/support/network.ts';
import { Server } from '../e2e/support/server.ts';

/** The last that runs on the Node that `package.json` asks for. */
const LIGHTHOUSE = 'lighthouse@12.8.2';
const CHROME = process.env.CHROME ?? '/usr/bin/chromium';
const CATEGORIES = ['performance', 'accessibility', 'best-practices'];
const BAR = 95;

/** The slowdown that Lighthouse's own default is, which stands for a phone on a machine of benchmark index 1533. */
const DEFAULT_SLOWDOWN = 4;
/** Runs of which the middle one counts. */
const RUNS = 3;

interface Report {
  environment: { benchmarkIndex: number };
  categories: Record<string, { title: string; score: number; auditRefs: { id: string; weight: number }[] }>;
  audits: Record<
    string,
    { title: string; score: number | null; displayValue?: string; details?: { items?: unknown[] } }
  >;
}

/**
 * How much slower a page must run here to run as on the phone that Lighthouse has in mind: on another machine its default is
 * another phone. The line is that of the calculator to which Lighthouse's docs/throttling.md sends one.
 */
function slowdown(benchmarkIndex: number): number {
  if (benchmarkIndex >= 1_300) return 3 + (benchmarkIndex - 1_300) / 233;
  if (benchmarkIndex >= 800) return 2 + (benchmarkIndex - 800) / 500;
  return 1 + Math.max(0, benchmarkIndex - 150) / 650;
}

const folder = mkdtempSync(join(tmpdir(), 'fieldsync-lighthouse-'));
const server = await Server.start(loopback(), folder, { backgroundSync: true, accounts: false });

/** So many reports of the start page. */
function look(cpuSlowdown: number): Report[] {
  return Array.from({ length: RUNS }, () => {
    const report = lookOnce(cpuSlowdown);
    console.log(`slowed down ${cpuSlowdown} times: ${scores(report).join(', ')}`);
    return report;
  });
}

function lookOnce(cpuSlowdown: number): Report {
  const file = join(folder, 'report.json');
  const args = [
    '--yes',
    LIGHTHOUSE,
    server.origin,
    `--only-categories=${CATEGORIES.join(',')}`,
    `--throttling.cpuSlowdownMultiplier=${cpuSlowdown}`,
    '--output=json',
    `--output-path=${file}`,
    '--chrome-flags=--headless=new --no-sandbox',
    '--quiet',
  ];
  execFileSync('npx', args, {
    cwd: folder,
    env: { ...process.env, CHROME_PATH: CHROME },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return JSON.parse(readFileSync(file, 'utf8'));
}

const scores = ({ categories }: Report) =>
  Object.values(categories).map(({ title, score }) => `${title} ${Math.round(score * 100)}`);

const performance = ({ categories }: Report) => categories.performance?.score ?? 0;

function middleOf(by: (report: Report) => number, reports: Report[]): Report {
  const middle = reports.toSorted((a, b) => by(a) - by(b))[Math.floor(reports.length / 2)];
  if (!middle) throw new Error('Lighthouse was not run');
  return middle;
}

try {
  const index = ({ environment }: Report) => environment.benchmarkIndex;
  const { benchmarkIndex } = middleOf(index, look(DEFAULT_SLOWDOWN)).environment;
  const by = Math.round(slowdown(benchmarkIndex) * 10) / 10;
  console.log(`this machine: benchmark index ${benchmarkIndex}, so the phone is it slowed down ${by} times`);
  const middle = middleOf(performance, look(by));
  for (const { title, score, auditRefs } of Object.values(middle.categories)) {
    for (const { id, weight } of auditRefs) {
      const audit = middle.audits[id];
      if (!audit || weight === 0 || audit.score === null || audit.score >= 0.9) continue;
      console.log(`  ${title}: ${audit.title}: ${audit.score} ${audit.displayValue ?? ''}`);
      for (const item of audit.details?.items?.slice(0, 5) ?? []) console.log(`    ${JSON.stringify(item)}`);
    }
    if (score * 100 < BAR) process.exitCode = 1;
  }
} finally {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
}
