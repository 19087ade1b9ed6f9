/** An appearance of a peer: its server, its page with the service worker, and what its server has in the end. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Page, Worker } from 'playwright-core';
import { PEERS, workerOf } from './bundle.ts';
import type { Drained, Durability, Entered, Stand } from './contender.ts';
import { end, type Link, linked, type Stage } from './stage.ts';

/** What is on a server in the end. */
export interface Kept {
  /** Items on its disk. */
  kept: number;
  /** How often an item came that had come before. */
  twice: number;
}

/** One contender, once. */
export interface Appearance {
  enqueue(): Promise<Entered>;
  /** The link is there again, and it may send. */
  drain(): Promise<Drained>;
  kept(): Promise<Kept>;
  close(): Promise<void>;
}

/** What an appearance is given. */
export interface How {
  stage: Stage;
  /** Of the field's items the first so many. */
  count: number;
  items: string;
  durability: Durability;
  link: Link | undefined;
}

export class Peer implements Appearance {
  private constructor(
    private readonly stage: Stage,
    private readonly server: ChildProcess,
    private readonly link: { origin: string; close(): void },
    private readonly page: Page,
    private readonly worker: Worker,
  ) {}

  static async appear(name: string, { stage, count, items, durability, link }: How): Promise<Peer> {
    const script = join(PEERS, 'server', name === 'pouchdb' ? 'pouch.mjs' : 'sink.mjs');
    const server = fork(script, [stage.room(), workerOf(name), items], { cwd: PEERS });
    const [{ port }] = (await once(server, 'message')) as [{ port: number }];
    const line = await linked(port, link);
    const { page, worker } = await stage.enter(line.origin);
    await worker.evaluate(
      ([count, durability]) => (globalThis as unknown as { stand: Stand }).stand.install(count, durability),
      [count, durability] as const,
    );
    return new Peer(stage, server, line, page, worker);
  }

  enqueue(): Promise<Entered> {
    return this.worker.evaluate(() => (globalThis as unknown as { stand: Stand }).stand.enqueue());
  }

  drain(): Promise<Drained> {
    return this.worker.evaluate(() => (globalThis as unknown as { stand: Stand }).stand.drain());
  }

  async kept(): Promise<Kept> {
    this.server.send('stand');
    const [stand] = (await once(this.server, 'message')) as [Kept];
    return { kept: stand.kept, twice: stand.twice };
  }

  async close(): Promise<void> {
    await this.stage.leave(this.page, this.link.origin);
    this.link.close();
    await end(this.server);
  }
}
