/**
 * How long a worker that was ended takes until it has answered its first event (P8): ours, which starts the engine and has it
 * look into its database, and by turns with it a bare one that answers at once. Prints the figures and writes
 * target/bench/start.json; times depend on the machine, so nothing is asserted.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CDPSession, chromium, type Page } from 'playwright-core';
import { ready } from '../e2e/support/device.ts';
import { loopback } from '../e2e/support/network.ts';
import { Server } from '../e2e/support/server.ts';
import { atMost, print, spread, writeBars } from '../peers/bars.ts';

const CHROME = process.env.CHROME ?? '/usr/bin/chromium';
const ROUNDS = 5;
const STARTS = 15;

/** Nothing but the answer; whom it answers is as for ours. */
const BARE = `addEventListener('install', () => skipWaiting());
addEventListener('message', event => event.ports[0].postMessage('answered'));`;

/** A page of another origin with the bare worker. */
async function bare(): Promise<{ origin: string; close(): void }> {
  const server = createServer((request, response) => {
    const [type, body] =
      request.url === '/worker.js'
        ? ['text/javascript', BARE]
        : ['text/html', '<!doctype html><title>Bare</title>'];
    response.writeHead(200, { 'content-type': type }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => server.close(),
  };
}

/** Milliseconds from the question to the answer of a worker that was ended before. */
async function start(page: Page, devtools: CDPSession, ended: () => Promise<void>): Promise<number> {
  const gone = ended();
  await devtools.send('ServiceWorker.stopAllWorkers');
  await gone;
  return page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    const { port1, port2 } = new MessageChannel();
    const answered = new Promise(resolve => {
      port1.onmessage = resolve;
    });
    const began = performance.now();
    registration.active?.postMessage({ type: 'fieldsync:scheduler', ask: { wish: 'look' } }, [port2]);
    await answered;
    return performance.now() - began;
  });
}

/** DevTools of a page, and when next a worker of its origin has ended. */
async function devtools(page: Page): Promise<{ session: CDPSession; ended: () => Promise<void> }> {
  const session = await page.context().newCDPSession(page);
  const ended = () =>
    new Promise<void>(resolve => {
      const look = ({ versions }: { versions: { runningStatus: string; status: string }[] }) => {
        if (
          !versions.some(({ runningStatus, status }) => status === 'activated' && runningStatus === 'stopped')
        )
          return;
        session.off('ServiceWorker.workerVersionUpdated', look);
        resolve();
      };
      session.on('ServiceWorker.workerVersionUpdated', look);
    });
  await session.send('ServiceWorker.enable');
  return { session, ended };
}

const folder = mkdtempSync(join(tmpdir(), 'fieldsync-start-'));
const server = await Server.start(loopback(), folder, { backgroundSync: true, accounts: false });
const other = await bare();
// On a disk, as it is on a phone; each start of the browser's is the same profile's.
const context = await chromium.launchPersistentContext(join(folder, 'profile'), {
  executablePath: CHROME,
  args: ['--no-sandbox'],
});
try {
  const app = await context.newPage();
  await app.goto(server.origin);
  await ready(app);
  await app.waitForFunction(() => navigator.serviceWorker.controller !== null);
  // From here on a page of the server's own asks, so that nothing else of the app wakes the worker.
  await app.goto(`${server.origin}/api/v1/ping`);
  const plain = await context.newPage();
  await plain.goto(other.origin);
  await plain.evaluate(async () => {
    await navigator.serviceWorker.register('/worker.js');
    await navigator.serviceWorker.ready;
  });
  const [ours, theirs] = [await devtools(app), await devtools(plain)];
  const more: number[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    const times: { ours: number[]; bare: number[] } = { ours: [], bare: [] };
    for (let n = 0; n < STARTS; n++) {
      times.bare.push(await start(plain, theirs.session, theirs.ended));
      times.ours.push(await start(app, ours.session, ours.ended));
    }
    const [fieldsync, bare] = [spread(times.ours), spread(times.bare)];
    more.push(fieldsync.median - bare.median);
    process.stdout.write(
      `round ${round} of ${ROUNDS}, ${STARTS} starts each: ours ${fieldsync.median.toFixed(1)} ms, bare ${bare.median.toFixed(1)} ms\n`,
    );
  }
  const bars = atMost('P8 cold worker to its first answer, more than a bare one, ms', 30, more);
  writeBars('start', bars);
  print(bars);
} finally {
  await context.close();
  other.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
}
