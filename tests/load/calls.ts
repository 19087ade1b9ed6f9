/**
 * How long a page waits for the worker's answer to a question over the channel of sync checks (P9), as a page of the app asks
 * it. Beside it in the same run: the same way to a worker that refuses the question without a look into its database, and a
 * message within the page and back. Prints the figures and writes
 * target/bench/calls.json; times depend on the machine, so nothing is asserted.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { ready } from '../e2e/support/device.ts';
import { loopback } from '../e2e/support/network.ts';
import { Server } from '../e2e/support/server.ts';
import { atMost, print, writeBars } from '../peers/bars.ts';

const CHROME = process.env.CHROME ?? '/usr/bin/chromium';
const CALLS = 2_000;
const RUNS = 5;

interface Times {
  median: number;
  p99: number;
}

const folder = mkdtempSync(join(tmpdir(), 'fieldsync-calls-'));
const server = await Server.start(loopback(), folder, { backgroundSync: true, accounts: false });
const browser = await chromium.launch({ executablePath: CHROME, args: ['--no-sandbox'] });
const answered: Times[] = [];
try {
  const page = await browser.newPage();
  await page.goto(server.origin);
  await ready(page);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  for (let run = 1; run <= RUNS; run++) {
    const [ours, refused, bare] = await page.evaluate(async calls => {
      const worker = navigator.serviceWorker.controller;
      const { port1, port2 } = new MessageChannel();
      port2.onmessage = ({ data }) => port2.postMessage(data);
      const asks = [
        ...['look', 'none such'].map(
          wish => () =>
            new Promise<void>(done => {
              const channel = new MessageChannel();
              channel.port1.onmessage = () => done(channel.port1.close());
              worker?.postMessage({ type: 'fieldsync:scheduler', ask: { wish } }, [channel.port2]);
            }),
        ),
        () =>
          new Promise<void>(done => {
            port1.onmessage = () => done();
            port1.postMessage({ type: 'fieldsync:scheduler', ask: { wish: 'look' } });
          }),
      ];
      const all: Times[] = [];
      for (const ask of asks) {
        const times: number[] = [];
        for (let call = 0; call < calls; call++) {
          const began = performance.now();
          await ask();
          times.push(performance.now() - began);
        }
        times.sort((a, b) => a - b);
        all.push({ median: times[calls >> 1] ?? 0, p99: times[Math.floor(calls * 0.99)] ?? 0 });
      }
      return all;
    }, CALLS);
    const said = ({ median, p99 }: Times) => `median ${median.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`;
    if (ours) answered.push(ours);
    if (ours && refused && bare)
      process.stdout.write(
        `run ${run} of ${RUNS}, ${CALLS} calls: the worker ${said(ours)}; refused by it ${said(refused)}; within the page ${said(bare)}\n`,
      );
  }
  const bars = [
    ...atMost(
      'P9 page to worker and back, median, ms',
      1,
      answered.map(({ median }) => median),
    ),
    ...atMost(
      'P9 page to worker and back, p99, ms',
      3,
      answered.map(({ p99 }) => p99),
    ),
  ];
  writeBars('calls', bars);
  print(bars);
} finally {
  await browser.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
}
