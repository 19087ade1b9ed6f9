/** The real server on a database of its own, behind a relay (relay.ts) through which the device reaches it. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  appendFileSync,
  createReadStream,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Network } from './network.ts';
import { type Part, Relay, type Strain } from './relay.ts';
import { appWithoutSync, copyOf } from './without-sync.ts';

const BINARY = process.env.FIELDSYNC_SERVER ?? 'target/debug/fieldsync-server';
/** The same, which takes what it has taken already once more: for the test that chaos would tell. */
const FORGETFUL = process.env.FIELDSYNC_FORGETFUL_SERVER ?? 'target/debug/fieldsync-server-forgetful';
/** What signs the access tokens of a server with accounts. */
const SECRET = 'no secret of anybody, for tests alone';
const WWW = process.env.FIELDSYNC_WWW ?? 'target/www';
/** The app whose engine checks sync every second. */
const WWW_FOR_TESTS = 'target/www-for-tests';

/** One line of `fieldsync-server export`. */
export interface Kept {
  kind: 'reading' | 'assessment' | 'response' | 'media' | 'receipt';
  entityId?: string;
  version?: number;
  itemId?: string;
  status?: string;
  /** When the server gave the receipt. */
  at?: number;
  data?: { property: string; unit: string; meter?: string; period: string; value: number };
}

/** What a server is started with. */
interface How {
  network: Network;
  binary: string;
  database: string;
  www: string;
  /** The organisation's own forms. */
  forms: string;
  /** What signs the access tokens, where people sign in; else it is the demo. */
  secret: string | undefined;
}

export class Server {
  private constructor(
    private how: How,
    private process: ChildProcess,
    private readonly port: number,
    private readonly relay: Relay,
  ) {}

  /** Where the device finds it. */
  get origin(): string {
    return this.relay.origin;
  }

  static async start(
    network: Network,
    folder: string,
    {
      backgroundSync,
      accounts,
      copy = false,
      testMode = false,
      forgetful = false,
    }: {
      backgroundSync: boolean;
      accounts: boolean;
      copy?: boolean;
      testMode?: boolean;
      forgetful?: boolean;
    },
  ): Promise<Server> {
    const database = `sqlite://${join(folder, 'server.db')}`;
    const www = testMode
      ? WWW_FOR_TESTS
      : backgroundSync
        ? copy
          ? copyOf(WWW, folder)
          : WWW
        : appWithoutSync(WWW, folder);
    const forms = join(folder, 'forms');
    mkdirSync(forms, { recursive: true });
    const secret = accounts ? SECRET : undefined;
    const how = { network, binary: forgetful ? FORGETFUL : BINARY, database, www, forms, secret };
    const { child, port } = await serve(how, 0);
    return new Server(how, child, port, await Relay.before(network, port));
  }

  /** Runs the schedules that are due, which it looks for every five minutes. */
  runDue(): void {
    execFileSync(BINARY, ['worker', '--once', '--database', this.how.database], { stdio: 'ignore' });
  }

  /** Makes an account, as whoever runs the server does. */
  addUser(email: string, password: string): void {
    execFileSync(BINARY, ['user', 'add', email, '--role', 'worker', '--database', this.how.database], {
      input: `${password}\n`,
      stdio: ['pipe', 'ignore', 'inherit'],
    });
  }

  /** A new version of the app is there: for a server that was given a copy of its own. */
  newVersion(): void {
    if (this.how.www === WWW) throw new Error('the app is not a copy');
    appendFileSync(join(this.how.www, 'sw.js'), `// ${Date.now()}\n`);
  }

  /** A file of the app is not to be had: for a server that was given a copy of its own. */
  lose(name: string): void {
    if (this.how.www === WWW) throw new Error('the app is not a copy');
    const assets = join(this.how.www, 'assets');
    const files = readdirSync(assets).filter(file => file.startsWith(`${name}-`));
    if (files.length === 0) throw new Error(`there is no ${name}`);
    for (const file of files) rmSync(join(assets, file));
  }

  /** Starts it anew with another secret: no access token of before is good any more. */
  async forgetTokens(): Promise<void> {
    this.how = { ...this.how, secret: `another ${SECRET}` };
    await this.restart();
  }

  /** The organisation changes a form: the server starts anew with it. */
  async changeForm(name: string, schema: object): Promise<void> {
    writeFileSync(join(this.how.forms, `${name}.json`), JSON.stringify(schema));
    await this.restart();
  }

  /** Ends it as a power cut would, and starts it again. */
  crash(): Promise<void> {
    return this.restart('SIGKILL');
  }

  private async restart(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const gone = once(this.process, 'exit');
    this.process.kill(signal);
    await gone;
    ({ child: this.process } = await serve(this.how, this.port));
  }

  /** The SHA-256 and the size of a file, as it lies on the server's disk under its hash. */
  async file(sha256: string): Promise<[string, number]> {
    const hash = createHash('sha256');
    let size = 0;
    for await (const bytes of createReadStream(this.blob(sha256))) {
      hash.update(bytes);
      size += bytes.length;
    }
    return [hash.digest('hex'), size];
  }

  private blob(sha256: string): string {
    return join(`${this.how.database.slice('sqlite://'.length)}.files`, 'blobs', sha256);
  }

  /** What a photo or file is, whether it came with its entry or apart. */
  content({ bytes, sha256 }: Record<string, unknown>): Buffer {
    return bytes === undefined
      ? readFileSync(this.blob(String(sha256)))
      : Buffer.from(String(bytes), 'base64');
  }

  /** What the server holds, read from its database. */
  export(): Kept[] {
    const text = execFileSync(BINARY, ['export', '--database', this.how.database], {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    });
    return text
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line) as Kept);
  }

  readings(): Kept[] {
    return this.export().filter(kept => kept.kind === 'reading');
  }

  /** The records of a kind, as they are. */
  records(kind: 'assessment' | 'response' | 'media'): Record<string, unknown>[] {
    return this.export()
      .filter(kept => kept.kind === kind)
      .map(({ data }) => (data ?? {}) as unknown as Record<string, unknown>);
  }

  receipts(): Kept[] {
    return this.export().filter(kept => kept.kind === 'receipt');
  }

  /** Keeps back the answer to the next push. Resolves when the server has given it. */
  holdNextAnswer(): Promise<{ given: Promise<void> }> {
    return this.relay.holdNextAnswer();
  }

  /**
   * Cuts the next part of a file that is sent for the first time off in the midst of it, or has the rest of it wait for ever.
   * Resolves once that is so.
   */
  halt(how: 'cut' | 'stall'): Promise<{ halted: Promise<void> }> {
    return this.relay.halt(how);
  }

  /** The parts of files that the device has sent so far, with how much of each it sent. */
  chunks(): Promise<Part[]> {
    return this.relay.chunks();
  }

  /** Lets go of what was kept back; whoever still listens gets it. */
  release(): void {
    this.relay.release();
  }

  /** Breaks off whatever asks for what begins with this path; nothing any more, when none is given. */
  breakOff(path = ''): void {
    this.relay.breakOff(path);
  }

  /** Does something to all that goes by, until it is called with nothing. */
  strain(strain?: Strain): void {
    this.relay.strain(strain);
  }

  /** Whether the device can reach it, for where there is no link to take down. */
  reachable(state: boolean): void {
    this.relay.reachable(state);
  }

  /** How many pushes have gone by so far, and the bytes of their bodies. */
  sent(): Promise<{ pushes: number; bytes: number }> {
    return this.relay.sent();
  }

  async close(): Promise<void> {
    const gone = this.process.exitCode === null ? once(this.process, 'exit') : undefined;
    this.process.kill('SIGTERM');
    await Promise.all([gone, this.relay.close()]);
  }
}

/** Starts one that listens on this port; on one that is free, where it is 0. */
async function serve(
  { network, binary, database, www, forms, secret }: How,
  at: number,
): Promise<{ child: ChildProcess; port: number }> {
  const command = [
    binary,
    'serve',
    ...(secret ? [] : ['--demo']),
    '--listen',
    `127.0.0.1:${at}`,
    '--database',
    database,
    '--www',
    www,
    '--forms',
    forms,
  ];
  const [program = '', ...args] = network.inServer(command);
  const env = secret ? { ...process.env, FIELDSYNC_SECRET: secret } : process.env;
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'], env });
  // A test that is interrupted leaves no server behind.
  const end = () => void child.kill();
  process.once('exit', end);
  child.once('exit', () => process.off('exit', end));
  for await (const line of createInterface({ input: child.stdout })) {
    const found = /at http:\/\/[^:]+:(\d+)/.exec(line);
    if (found?.[1]) return { child, port: Number(found[1]) };
  }
  throw new Error('the server ended before it listened');
}
