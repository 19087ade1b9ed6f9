/** The real server on a database of its own, and the relay through which the device reaches it. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, createReadStream, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Network } from './network.ts';
import { within } from './until.ts';
import { appWithoutSync, copyOf } from './without-sync.ts';

const BINARY = process.env.FIELDSYNC_SERVER ?? 'target/debug/fieldsync-server';
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

/**
 * What can become of what goes by: a slow link, a captive portal that answers everything itself, a server that fails, one that wants
 * to be left alone, answers that are cut short, answers that never come, and pushes that somebody answers who keeps nothing.
 */
export type Strain = 'slow' | 'portal' | 'failing' | 'busy' | 'cutShort' | 'deaf' | 'liar';

/** A part of a file on its way: of which upload, from which byte, how many were meant to come and how many did. */
export interface Part {
  path: string;
  from: number;
  length: number;
  came: number;
}

export class Server {
  private constructor(
    private readonly network: Network,
    private readonly database: string,
    private readonly www: string,
    private process: ChildProcess,
    private readonly port: number,
    private readonly relay: ChildProcess,
    /** The organisation's own forms. */
    private readonly forms: string,
    /** What signs the access tokens, where people sign in. */
    private secret: string | undefined,
    /** Where the device finds it. */
    readonly origin: string,
  ) {}

  static async start(
    network: Network,
    folder: string,
    {
      backgroundSync,
      accounts,
      copy = false,
      testMode = false,
    }: { backgroundSync: boolean; accounts: boolean; copy?: boolean; testMode?: boolean },
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
    const { child, port } = await serve(network, database, www, 0, forms, secret);
    const script = new URL('./relay.mjs', import.meta.url).pathname;
    const [program = '', ...args] = network.inServer([process.execPath, script, network.address, `${port}`]);
    const relay = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const [ready] = (await once(relay, 'message')) as [{ port: number }];
    const origin = `http://${network.address}:${ready.port}`;
    return new Server(network, database, www, child, port, relay, forms, secret, origin);
  }

  /** Runs the schedules that are due, which it looks for every five minutes. */
  runDue(): void {
    execFileSync(BINARY, ['worker', '--once', '--database', this.database], { stdio: 'ignore' });
  }

  /** Makes an account, as whoever runs the server does. */
  addUser(email: string, password: string): void {
    execFileSync(BINARY, ['user', 'add', email, '--role', 'worker', '--database', this.database], {
      input: `${password}\n`,
      stdio: ['pipe', 'ignore', 'inherit'],
    });
  }

  /** A new version of the app is there: for a server that was given a copy of its own. */
  newVersion(): void {
    if (this.www === WWW) throw new Error('the app is not a copy');
    appendFileSync(join(this.www, 'sw.js'), `// ${Date.now()}\n`);
  }

  /** A file of the app is not to be had: for a server that was given a copy of its own. */
  lose(name: string): void {
    if (this.www === WWW) throw new Error('the app is not a copy');
    const assets = join(this.www, 'assets');
    const files = readdirSync(assets).filter(file => file.startsWith(`${name}-`));
    if (files.length === 0) throw new Error(`there is no ${name}`);
    for (const file of files) rmSync(join(assets, file));
  }

  /** Starts it anew with another secret: no access token of before is good any more. */
  async forgetTokens(): Promise<void> {
    this.secret = `another ${SECRET}`;
    await this.restart();
  }

  /** The organisation changes a form: the server starts anew with it. */
  async changeForm(name: string, schema: object): Promise<void> {
    writeFileSync(join(this.forms, `${name}.json`), JSON.stringify(schema));
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
    const { network, database, www, port, forms, secret } = this;
    ({ child: this.process } = await serve(network, database, www, port, forms, secret));
  }

  /** The SHA-256 and the size of a file, as it lies on the server's disk under its hash. */
  async file(sha256: string): Promise<[string, number]> {
    const hash = createHash('sha256');
    let size = 0;
    const blob = join(`${this.database.slice('sqlite://'.length)}.files`, 'blobs', sha256);
    for await (const bytes of createReadStream(blob)) {
      hash.update(bytes);
      size += bytes.length;
    }
    return [hash.digest('hex'), size];
  }

  /** What the server holds, read from its database. */
  export(): Kept[] {
    const text = execFileSync(BINARY, ['export', '--database', this.database], {
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
  async holdNextAnswer(): Promise<{ given: Promise<void> }> {
    const message = once(this.relay, 'message').then(() => {});
    const given = within('the server gives the answer that is kept back', 60, message);
    // A test that fails first never asks.
    given.catch(() => {});
    this.relay.send({ hold: true });
    return { given };
  }

  /**
   * Cuts the next part of a file that is sent for the first time off in the midst of it, or has the rest of it wait for ever.
   * Resolves once that is so.
   */
  async halt(how: 'cut' | 'stall'): Promise<{ halted: Promise<void> }> {
    const halted = within(
      'a part of a file goes by',
      120,
      once(this.relay, 'message').then(() => {}),
    );
    halted.catch(() => {});
    this.relay.send({ halt: how });
    return { halted };
  }

  /** The parts of files that the device has sent so far, with how much of each it sent. */
  async chunks(): Promise<Part[]> {
    const answer = once(this.relay, 'message') as Promise<[{ chunks: Part[] }]>;
    this.relay.send({ chunks: true });
    return (await answer)[0].chunks;
  }

  /** Lets go of what was kept back; whoever still listens gets it. */
  release(): void {
    this.relay.send({ hold: false });
  }

  /** Breaks off whatever asks for what begins with this path; nothing any more, when none is given. */
  breakOff(path = ''): void {
    this.relay.send({ cut: path });
  }

  /** Does something to all that goes by, until it is called with nothing. */
  strain(strain?: Strain): void {
    this.relay.send({ strain: strain ?? '' });
  }

  /** Whether the device can reach it, for where there is no link to take down. */
  reachable(state: boolean): void {
    this.relay.send({ refuse: !state });
  }

  async close(): Promise<void> {
    const ends = [this.process, this.relay].map(child =>
      child.exitCode === null ? once(child, 'exit') : undefined,
    );
    this.process.kill('SIGTERM');
    this.relay.disconnect();
    await Promise.all(ends);
  }
}

async function serve(
  network: Network,
  database: string,
  www: string,
  free: number,
  forms: string,
  /** Where there is one, people sign in; else it is the demo. */
  secret: string | undefined,
): Promise<{ child: ChildProcess; port: number }> {
  const command = [
    BINARY,
    'serve',
    ...(secret ? [] : ['--demo']),
    '--listen',
    `127.0.0.1:${free}`,
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
    const at = /at http:\/\/[^:]+:(\d+)/.exec(line);
    if (at?.[1]) return { child, port: Number(at[1]) };
  }
  throw new Error('the server ended before it listened');
}
