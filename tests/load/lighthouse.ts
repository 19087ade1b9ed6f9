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

interface Report {
  categories: Record<string, { title: string; score: number; auditRefs: { id: string; weight: number }[] }>;
  audits: Record<
    string,
    { title: string; score: number | null; displayValue?: string; details?: { items?: unknown[] } }
  >;
}

const folder = mkdtempSync(join(tmpdir(), 'fieldsync-lighthouse-'));
const server = await Server.start(loopback(), folder, { backgroundSync: true, accounts: false });
try {
  const file = join(folder, 'report.json');
  const args = [
    '--yes',
    LIGHTHOUSE,
    server.origin,
    `--only-categories=${CATEGORIES.join(',')}`,
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
  const { categories, audits } = JSON.parse(readFileSync(file, 'utf8')) as Report;
  for (const { title, score, auditRefs } of Object.values(categories)) {
    process.stdout.write(`${title}: ${Math.round(score * 100)}\n`);
    for (const { id, weight } of auditRefs) {
      const audit = audits[id];
      if (!audit || weight === 0 || audit.score === null || audit.score >= 0.9) continue;
      process.stdout.write(`  ${audit.title}: ${audit.score} ${audit.displayValue ?? ''}\n`);
      for (const item of audit.details?.items?.slice(0, 5) ?? []) console.log(`    ${JSON.stringify(item)}`);
    }
    if (score * 100 < BAR) process.exitCode = 1;
  }
} finally {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
}
