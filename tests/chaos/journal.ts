/** A peer's server in a run of chaos (tests/peers/server/journal.mjs), behind the same relay as ours. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Network } from '../e2e/support/network.ts';
import { Relay, type Strain } from '../e2e/support/relay.ts';
import type { Kept } from '../e2e/support/server.ts';

const SCRIPT = new URL('../peers/server/journal.mjs', import.meta.url).pathname;

/** What the peer's page posts. */
export interface Posted {
  id: string;
  entityId: string;
  type: 'READING' | 'ASSESSMENT' | 'MEDIA';
  data: NonNullable<Kept['data']>;
}

export class Journal {
  private constructor(
    private readonly network: Network,
    private readonly folder: string,
    private process: ChildProcess,
    private readonly port: number,
    private readonly relay: Relay,
  ) {}

  /** With this script as the app's worker. */
  static async start(network: Network, folder: string, worker: string): Promise<Journal> {
    copyFileSync(worker, join(folder, 'sw.js'));
    const { child, port } = await serve(network, folder, 0);
    return new Journal(network, folder, child, port, await Relay.before(network, port));
  }

  get origin(): string {
    return this.relay.origin;
  }

  strain(strain?: Strain): void {
    this.relay.strain(strain);
  }

  reachable(state: boolean): void {
    this.relay.reachable(state);
  }

  async crash(): Promise<void> {
    const gone = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await gone;
    ({ child: this.process } = await serve(this.network, this.folder, this.port));
  }

  newVersion(): void {
    appendFileSync(join(this.folder, 'sw.js'), `\n// ${Date.now()}`);
  }

  /** Whatever came, as often as it came, in that order. */
  came(): Posted[] {
    const lines = readFileSync(join(this.folder, 'journal'), 'utf8').split('\n').filter(Boolean);
    return lines.flatMap(line => {
      try {
        return [JSON.parse(line) as Posted];
      } catch {
        return []; // it was cut off before it was answered
      }
    });
  }

  async close(): Promise<void> {
    const gone = this.process.exitCode === null ? once(this.process, 'exit') : undefined;
    this.process.disconnect();
    await Promise.all([gone, this.relay.close()]);
  }
}

async function serve(network: Network, folder: string, at: number) {
  const command = [process.execPath, SCRIPT, folder, join(folder, 'sw.js'), `${at}`];
  const [program = '', ...args] = network.inServer(command);
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return { child, port };
}
