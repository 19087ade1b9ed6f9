/**
 * How soon the queue page is there with many items, and the longest task while it is scrolled to its end and back. The first
 * argument says how many. Prints the figures; times depend on the machine, so nothing is asserted.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { go } from '../e2e/support/app.ts';
import { ready } from '../e2e/support/device.ts';
import { enterReadings, pause } from '../e2e/support/many.ts';
import { loopback } from '../e2e/support/network.ts';
import { Server } from '../e2e/support/server.ts';

const CHROME = process.env.CHROME ?? '/usr/bin/chromium';
const ITEMS = Number(process.argv[2] ?? 10_000);
const RUNS = 5;
/** Entered at once between two lines of progress. */
const CHUNK = 10_000;

/** Puts what the measurements need into the page: its rows, and the tasks that took the browser more than 50 ms. */
const prepare = (page: Page) =>
  page.evaluate(() => {
    const tasks: { at: number; took: number }[] = [];
    new PerformanceObserver(list => {
      for (const { startTime, duration } of list.getEntries()) tasks.push({ at: startTime, took: duration });
    }).observe({ type: 'longtask' });
    const measure: Measure = {
      tasks,
      rows() {
        const queue = document.querySelector('fs-app')?.shadowRoot?.querySelector('fs-queue')?.shadowRoot;
        return queue?.querySelector('fs-rows')?.shadowRoot;
      },
      frame() {
        return new Promise(requestAnimationFrame);
      },
    };
    Object.assign(globalThis, { measure });
  });

interface Measure {
  tasks: { at: number; took: number }[];
  rows(): ShadowRoot | null | undefined;
  frame(): Promise<number>;
}

/** Milliseconds from the move to the frame that shows the rows. */
const open = (page: Page) =>
  page.evaluate(async () => {
    const { measure } = globalThis as unknown as { measure: Measure };
    const began = performance.now();
    history.pushState(null, '', '/sync/queue');
    dispatchEvent(new Event('fs-moved'));
    while (!measure.rows()?.querySelector('a')) await measure.frame();
    // The frame in which they are there has been drawn when the next one begins.
    await measure.frame();
    return performance.now() - began;
  });

const leave = async (page: Page) => {
  await go(page, '/sync');
  await page.getByRole('heading', { level: 1, name: /wait/ }).waitFor();
};

/** To the end of what is there, as it comes, until the last one is; then back, ten screens a frame. */
const scroll = (page: Page, items: number) =>
  page.evaluate(async items => {
    const { measure } = globalThis as unknown as { measure: Measure };
    measure.tasks.length = 0;
    const began = performance.now();
    while (!measure.rows()?.querySelector(`[aria-posinset="${items}"]`)) {
      scrollTo({ top: document.documentElement.scrollHeight, behavior: 'instant' });
      await measure.frame();
    }
    const end = performance.now();
    while (scrollY > 0) {
      scrollBy({ top: -10 * innerHeight, behavior: 'instant' });
      await measure.frame();
    }
    await measure.frame();
    return { down: end - began, up: performance.now() - end, tasks: measure.tasks.map(({ took }) => took) };
  }, items);

const ms = (time: number) => `${Math.round(time)} ms`;
const say = (line: string) => process.stdout.write(`${line}\n`);

const folder = mkdtempSync(join(tmpdir(), 'fieldsync-queue-'));
const server = await Server.start(loopback(), folder, { backgroundSync: true, accounts: false });
const browser = await chromium.launch({ executablePath: CHROME, args: ['--no-sandbox'] });
try {
  const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
  await page.goto(server.origin);
  await ready(page);
  await pause(page, true);
  for (let n = 0; n < ITEMS; n += CHUNK) {
    const count = Math.min(CHUNK, ITEMS - n);
    const took = await enterReadings(page, 'P-1', n, count);
    say(`entered ${n + count}, the last ${count} in ${Math.round(took / 1_000)} s`);
  }
  await page.goto(`${server.origin}/sync`);
  await ready(page);
  await prepare(page);
  const opened: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    await leave(page);
    opened.push(await open(page));
  }
  say(`${ITEMS} items: the queue page opens in ${opened.map(ms).join(', ')}; the first time with its code`);
  const { down, up, tasks } = await scroll(page, ITEMS);
  const longest = tasks.sort((a, b) => b - a).slice(0, 5);
  say(
    `scrolled to the end in ${ms(down)} and back in ${ms(up)}: ` +
      (longest.length > 0
        ? `${tasks.length} tasks over 50 ms, the longest ${longest.map(ms).join(', ')}`
        : 'no task over 50 ms'),
  );
} finally {
  await browser.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
}
