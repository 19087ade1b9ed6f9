/**
 * How long the first load takes on the field link (150 ms, 1.55 Mbit/s), and the same page again with the network off. Prints
 * the figures; times depend on the machine, so nothing is asserted.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { loopback } from '../e2e/support/network.ts';
import { Server } from '../e2e/support/server.ts';

const CHROME = process.env.CHROME ?? '/usr/bin/chromium';
const ROUND_TRIP = 150;
const RATE = 1_550_000;
const RUNS = 5;

interface Load {
  /** Something is on the screen. */
  painted: number;
  /** The form is there and takes what is typed. */
  usable: number;
  /** The engine runs: what is typed can be saved. */
  ready: number;
}

/** Watches from before the first byte; times are of the page's own clock, from the start of the navigation. */
const watch = (): void => {
  const times = {} as Record<string, number>;
  Object.assign(globalThis, { times });
  const form = {
    get there() {
      const home = document.querySelector('fs-app')?.shadowRoot?.querySelector('fs-home')?.shadowRoot;
      return home?.querySelector('fs-reading-form')?.shadowRoot?.querySelector('#value');
    },
    look() {
      if (form.there) times.usable = performance.now();
      else requestAnimationFrame(form.look);
    },
  };
  form.look();
  addEventListener('fieldsync-ready', () => {
    times.ready = performance.now();
  });
};

async function measure(page: Page, load: () => Promise<unknown>): Promise<Load> {
  await load();
  await page.waitForFunction(() => {
    const { times } = globalThis as unknown as { times: Partial<Load> };
    return times.usable !== undefined && times.ready !== undefined;
  });
  return page.evaluate(() => {
    const { times } = globalThis as unknown as { times: Load };
    const [paint] = performance.getEntriesByName('first-contentful-paint');
    return { ...times, painted: paint?.startTime ?? Number.NaN };
  });
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

function print(what: string, loads: Load[]): void {
  const words = (['painted', 'usable', 'ready'] as const).map(name => {
    const all = loads.map(load => load[name]);
    return `${name} ${Math.round(median(all))} (${Math.round(Math.min(...all))} to ${Math.round(Math.max(...all))})`;
  });
  process.stdout.write(`${what}, ms, median of ${loads.length}: ${words.join(', ')}\n`);
}

const folder = mkdtempSync(join(tmpdir(), 'fieldsync-load-'));
const server = await Server.start(loopback(), folder, { backgroundSync: true, accounts: false });
const target = new URL(server.origin).port;
const link = fork(new URL('./link.mjs', import.meta.url), [target, `${ROUND_TRIP}`, `${RATE}`]);
try {
  const [{ port }] = (await once(link, 'message')) as [{ port: number }];
  const [first, again]: [Load[], Load[]] = [[], []];
  for (let run = 0; run < RUNS; run++) {
    const browser = await chromium.launch({ executablePath: CHROME, args: ['--no-sandbox'] });
    const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
    await context.addInitScript(watch);
    const page = await context.newPage();
    first.push(await measure(page, () => page.goto(`http://127.0.0.1:${port}/`)));
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await context.setOffline(true);
    again.push(await measure(page, () => page.reload()));
    await browser.close();
  }
  print(`first load on the field link (${ROUND_TRIP} ms, ${RATE / 1e6} Mbit/s)`, first);
  print('repeat load, offline', again);
} finally {
  link.disconnect();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
}
