/**
 * fieldsync as people have it: the built app with its real server, the vault set up and open, entries by `fieldsync.enqueue` on
 * the page, the drain in the service worker. What came twice is what its server says it answered from a receipt.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Page, Worker } from 'playwright-core';
import type { Fieldsync } from '../../../www/lib/client.ts';
import type { Draft } from '../../../www/lib/generated.ts';
import { go } from '../../e2e/support/app.ts';
import { kept, ready } from '../../e2e/support/device.ts';
import { setUp } from '../../e2e/support/vault.ts';
import type { Drained, Entered } from '../contender.ts';
import type { Appearance, How, Kept } from '../peer.ts';
import { end, linked, type Stage } from '../stage.ts';

const BINARY = process.env.FIELDSYNC_SERVER ?? 'target/release/fieldsync-server';
const WWW = process.env.FIELDSYNC_WWW ?? 'target/www';

export class Ours implements Appearance {
  private constructor(
    private readonly stage: Stage,
    private readonly server: ChildProcess,
    private readonly database: string,
    private readonly metrics: number,
    private readonly link: { origin: string; close(): void },
    readonly page: Page,
    readonly worker: Worker,
    private readonly drafts: Draft[],
  ) {}

  static async appear({ stage, count, items, link }: How, { bare }: { bare: boolean }): Promise<Ours> {
    const drafts = (JSON.parse(readFileSync(items, 'utf8')) as Draft[]).slice(0, count);
    const database = `sqlite://${join(stage.room(), 'server.db')}`;
    const metrics = await freePort();
    const { server, port } = await serve(database, metrics);
    const line = await linked(port, link);
    const { page, worker } = await stage.enter(line.origin);
    await ready(page);
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await kept(page, 'vault_bg');
    await setUp(page);
    await go(page, '/');
    // Sync events that come with the network find nothing to do: the bench says when it sends.
    await page.evaluate(() => (globalThis.fieldsync as Fieldsync).pause());
    // The engine by itself: no list on the page that reads the queue anew with each entry.
    if (bare) await page.evaluate(() => document.querySelector('fs-app')?.remove());
    return new Ours(stage, server, database, metrics, line, page, worker, drafts);
  }

  enqueue(): Promise<Entered> {
    return this.page.evaluate(async drafts => {
      const client = globalThis.fieldsync as Fieldsync;
      const each: number[] = [];
      const began = performance.now();
      for (const draft of drafts) {
        const before = performance.now();
        await client.enqueue(draft);
        each.push(performance.now() - before);
      }
      return { each, took: performance.now() - began };
    }, this.drafts);
  }

  async drain(): Promise<Drained> {
    await this.worker.evaluate(() => performance.clearResourceTimings());
    const took = await this.page.evaluate(async () => {
      const client = globalThis.fieldsync as Fieldsync;
      const began = performance.now();
      await client.resume();
      while ((await client.syncNow()).remaining > 0);
      return performance.now() - began;
    });
    const apart = await this.pingWindow();
    return { took: took - apart, apart };
  }

  /** From the first ping of the drain to the answer to the last, in ms, as the worker's browser has noted it. */
  private async pingWindow(): Promise<number> {
    const pings = await this.worker.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .filter(({ name }) => new URL(name).pathname === '/api/ping')
        .map(({ startTime, duration }) => [startTime, startTime + duration] as const),
    );
    const [first, last] = [pings[0], pings.at(-1)];
    if (!first || !last) throw new Error('no ping was noted');
    return last[1] - first[0];
  }

  async kept(): Promise<Kept> {
    const lines = execFileSync(BINARY, ['export', '--database', this.database], {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    });
    const kinds = lines
      .split('\n')
      .filter(Boolean)
      .map(line => (JSON.parse(line) as { kind: string }).kind);
    const figures = await (await fetch(`http://127.0.0.1:${this.metrics}/metrics`)).text();
    const replayed = /push_items_total\{outcome="replayed"\} (\d+)/.exec(figures)?.[1] ?? '0';
    const records = kinds.filter(kind => ['reading', 'assessment', 'media'].includes(kind));
    return { kept: records.length, twice: Number(replayed) };
  }

  async close(): Promise<void> {
    await this.stage.leave(this.page, this.link.origin);
    this.link.close();
    await end(this.server);
  }
}

async function serve(database: string, metrics: number): Promise<{ server: ChildProcess; port: number }> {
  const args = ['serve', '--demo', '--listen', '127.0.0.1:0', '--database', database, '--www', WWW];
  const env = { ...process.env, FIELDSYNC_METRICS_LISTEN: `127.0.0.1:${metrics}`, FIELDSYNC_LOG: 'warn' };
  const server = spawn(BINARY, args, { stdio: ['ignore', 'pipe', 'inherit'], env });
  const stop = () => void server.kill();
  process.once('exit', stop);
  server.once('exit', () => process.off('exit', stop));
  for await (const line of createInterface({ input: server.stdout })) {
    const at = /at http:\/\/[^:]+:(\d+)/.exec(line);
    if (at?.[1]) return { server, port: Number(at[1]) };
  }
  throw new Error('the server ended before it listened');
}

/** A port that nobody listens on: the listener of figures does not say which it was given. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject()));
    });
  });
}
