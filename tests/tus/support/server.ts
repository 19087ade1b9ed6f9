/** The real server on a database of its own, which takes whoever has no token for the demo user. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const BINARY = process.env.FIELDSYNC_SERVER ?? 'target/debug/fieldsync-server';

export class Server {
  private constructor(
    private readonly folder: string,
    private process: ChildProcess,
    private readonly port: number,
  ) {}

  static async start(): Promise<Server> {
    const folder = mkdtempSync(join(tmpdir(), 'fieldsync-tus-'));
    const { child, port } = await serve(folder, 0);
    return new Server(folder, child, port);
  }

  /** Where uploads begin. */
  get endpoint(): string {
    return `http://127.0.0.1:${this.port}/api/v1/uploads`;
  }

  /** Whether it keeps a file of these bytes. */
  keeps(bytes: Uint8Array): boolean {
    return existsSync(join(this.folder, 'server.db.files', 'blobs', sha256(bytes)));
  }

  /** Ends it as a power cut would, and starts it again. */
  async crash(): Promise<void> {
    const gone = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await gone;
    ({ child: this.process } = await serve(this.folder, this.port));
  }

  async close(): Promise<void> {
    const gone = once(this.process, 'exit');
    this.process.kill('SIGTERM');
    await gone;
    rmSync(this.folder, { recursive: true });
  }
}

async function serve(folder: string, free: number): Promise<{ child: ChildProcess; port: number }> {
  const database = `sqlite://${join(folder, 'server.db')}`;
  const args = ['serve', '--demo', '--listen', `127.0.0.1:${free}`, '--database', database];
  const child = spawn(BINARY, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  // A test that is interrupted leaves no server behind.
  const end = () => void child.kill();
  process.once('exit', end);
  child.once('exit', () => process.off('exit', end));
  for await (const line of createInterface({ input: child.stdout })) {
    const at = /at http:\/\/[^:]+:(\d+)/.exec(line);
    if (at?.[1]) return { child, port: Number(at[1]) };
  }
  throw new Error('the server ended before it listened');
}

/** Some bytes, no two runs of them alike. */
export function bytes(length: number): Buffer {
  const made = Buffer.alloc(length);
  for (let n = 0; n < length; n += 1) made[n] = Math.imul(n, 0x9e3779b1) >>> 24;
  return made;
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
