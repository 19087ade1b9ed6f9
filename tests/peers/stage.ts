/**
 * Where contenders appear: one Chromium with a profile on the disk, for only there a flushed write costs what it costs; and
 * for each appearance a server with an empty database on a port of its own, so that nothing is left of the one before.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page, type Worker } from 'playwright-core';
import { until } from '../e2e/support/until.ts';

const CHROME = process.env.CHROME ?? '/usr/bin/chromium';

/** A link as it may be in the field; without one the contender is on this machine's loopback. */
export interface Link {
  /** In ms. */
  roundTrip: number;
  /** Bits a second, each way. */
  rate: number;
}

export class Stage {
  private constructor(
    readonly context: BrowserContext,
    private readonly folder: string,
  ) {}

  private appearances = 0;

  static async open(): Promise<Stage> {
    const folder = mkdtempSync(join(tmpdir(), 'fieldsync-bench-'));
    const context = await chromium.launchPersistentContext(join(folder, 'profile'), {
      executablePath: CHROME,
      args: ['--no-sandbox', '--disable-quic'],
      viewport: { width: 390, height: 844 },
      serviceWorkers: 'allow',
    });
    return new Stage(context, folder);
  }

  get browserVersion(): string {
    return this.context.browser()?.version() ?? 'unknown';
  }

  /** An empty folder for an appearance's server. */
  room(): string {
    const folder = join(this.folder, `${this.appearances++}`);
    mkdirSync(folder);
    return folder;
  }

  /** Opens the page of an origin, and waits for its service worker. */
  async enter(origin: string): Promise<{ page: Page; worker: Worker }> {
    const page = await this.context.newPage();
    page.setDefaultTimeout(120_000);
    await page.goto(origin);
    const worker = await until(
      'its service worker is there',
      () => this.context.serviceWorkers().find(worker => worker.url().startsWith(origin)),
      found => found !== undefined,
      20,
    );
    await page.evaluate(async () => void (await navigator.serviceWorker.ready));
    if (!worker) throw new Error('no service worker');
    return { page, worker };
  }

  /** Takes the device off the network, or back onto it. */
  async online(state: boolean): Promise<void> {
    await this.context.setOffline(!state);
  }

  /** Removes what the browser has of an origin, with its worker. */
  async leave(page: Page, origin: string): Promise<void> {
    const session = await this.context.newCDPSession(page);
    await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'all' });
    await page.close();
  }

  async close(): Promise<void> {
    await this.context.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A link to a port of this machine; without figures the port itself. */
export async function linked(
  port: number,
  link: Link | undefined,
): Promise<{ origin: string; close(): void }> {
  const at = (port: number) => `http://127.0.0.1:${port}`;
  if (!link) return { origin: at(port), close: () => {} };
  const script = new URL('../load/link.mjs', import.meta.url);
  const line = fork(script, [`${port}`, `${link.roundTrip}`, `${link.rate}`]);
  const [ready] = (await once(line, 'message')) as [{ port: number }];
  return { origin: at(ready.port), close: () => line.disconnect() };
}

/** Ends a process that was started here, and waits for its end. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  if (child.connected) child.disconnect();
  else child.kill('SIGTERM');
  await gone;
}
