/** A test with a world of its own: network, server, device. What is left of one that fails is kept to be looked at. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Browser, Device, type Reached } from './device.ts';
import { type Network, network } from './network.ts';
import { isPlayed } from './rounds.ts';
import { Server } from './server.ts';
import { atMost, until, within } from './until.ts';
import { WebKit } from './webkit.ts';

const ARTIFACTS = process.env.FIELDSYNC_ARTIFACTS ?? 'target/test-artifacts';

/** How long a scenario may take unless it says otherwise. */
const SECONDS = 240;

export interface World<B = Device, S = Server> {
  network: Network;
  server: S;
  device: B;
  /** A further device of the same person, behind the same link. It ends with the scenario. */
  another(): Promise<B>;
}

/** What the device is. */
interface Driven {
  readonly faults: string[];
  keep(folder: string): Promise<void>;
  words(): Promise<string[]>;
  close(): Promise<void>;
}

export interface Options {
  /** Whether the browser has Background Sync and Periodic Sync. */
  backgroundSync?: boolean;
  /** Whether people sign in; else the server is the demo's. */
  accounts?: boolean;
  /** Whether the server has a copy of the app that can be changed. */
  copy?: boolean;
  /** Whether the app is a test build, which checks sync every second. */
  testMode?: boolean;
  /** Whether the server is the one that takes things twice (`cargo xtask chaos --mutant receipts`). */
  forgetful?: boolean;
  /** By which name the device knows the server; by its address, where there is none. */
  host?: string;
  /** The language of the device's system. */
  locale?: string;
  /** How long it may take. */
  seconds?: number;
}

/** When no more is begun (`cargo xtask test --within`). */
const UNTIL = Number(process.env.FIELDSYNC_UNTIL ?? Number.POSITIVE_INFINITY);

/** The browser that this process's scenarios run in, and those that it leaves out, by their names and for what reason. */
let browser: Browser = 'chromium';
let leftOut: Record<string, string> = {};
const met = new Set<string>();

/** Has the scenarios of these files run in Firefox, but for those that cannot be. */
export async function inFirefox(files: string[], without: Record<string, string>): Promise<void> {
  browser = 'firefox';
  leftOut = without;
  for (const file of files) await import(new URL(`../${file}.test.ts`, import.meta.url).href);
  const unknown = Object.keys(without).filter(name => !met.has(name));
  if (unknown.length > 0) throw new Error(`there is no such scenario: ${unknown.join('; ')}`);
}

/** In the browser of this process. */
export function scenario(name: string, run: (world: World) => Promise<void>, options: Options = {}): void {
  met.add(name);
  if (browser === 'firefox' && leftOut[name]) return;
  const skip = browser === 'chromium' && !isPlayed(name) && 'left to --all';
  const {
    backgroundSync = true,
    accounts = false,
    copy = false,
    testMode = false,
    forgetful = false,
    locale = 'en-US',
    seconds = SECONDS,
    host,
  } = options;
  // A Firefox has no Background Sync anyhow, so nothing need be taken from the app.
  const app = {
    backgroundSync: backgroundSync || browser === 'firefox',
    accounts,
    copy,
    testMode,
    forgetful,
  };
  const title = browser === 'firefox' ? `in Firefox: ${name}` : name;
  const originOf = (network: Network, { origin }: Server) =>
    host ? origin.replace(network.address, host) : origin;
  const boot = (network: Network, folder: string, server: Server) =>
    Device.start(
      browser,
      { network, folder, origin: originOf(network, server), host, locale, backgroundSync },
      server,
    );
  const serve = (network: Network, folder: string) => Server.start(network, folder, app);
  test(title, { timeout: atMost(seconds + 30), skip }, context => {
    if (Date.now() > UNTIL) return context.skip('its time is over');
    return play(title, run, { seconds, serve, boot, gateway: browser === 'firefox' });
  });
}

/** In Chromium, with an app of others and their server. */
export function withPeer<S extends Serving>(
  name: string,
  run: (world: World<Device, S>) => Promise<void>,
  { serve, seconds }: Pick<Stage<Device, S>, 'serve' | 'seconds'>,
): void {
  const boot = (network: Network, folder: string, server: S) => {
    const how = { network, folder, origin: server.origin, locale: 'en-US', backgroundSync: true };
    return Device.start('chromium', how, server);
  };
  test(name, { timeout: atMost(seconds + 30) }, () =>
    play(name, run, { seconds, serve, boot, gateway: false }),
  );
}

/** In WebKitGTK. */
export function inWebKit(
  name: string,
  run: (world: World<WebKit>) => Promise<void>,
  { seconds = SECONDS, copy = false } = {},
): void {
  const serve = (network: Network, folder: string) =>
    Server.start(network, folder, { backgroundSync: true, accounts: false, copy });
  test(name, { timeout: atMost(seconds + 30) }, () =>
    play(name, run, { seconds, serve, boot: WebKit.start, gateway: true }),
  );
}

/** A server as a scenario needs it. */
interface Serving extends Reached {
  close(): Promise<void>;
}

/** What a scenario is played on. */
interface Stage<B, S> {
  /** How long it may take. */
  seconds: number;
  serve(link: Network, folder: string): Promise<S>;
  boot(link: Network, folder: string, server: S): Promise<B>;
  /** Whether the device has a route to everywhere. */
  gateway: boolean;
}

async function play<B extends Driven, S extends Serving>(
  name: string,
  run: (world: World<B, S>) => Promise<void>,
  { seconds, serve, boot, gateway }: Stage<B, S>,
): Promise<void> {
  const link = network({ gateway });
  const folder = mkdtempSync(join(tmpdir(), 'fieldsync-'));
  try {
    const server = await serve(link, folder);
    try {
      const device = await boot(link, folder, server);
      const others: B[] = [];
      const another = async () => {
        const other = await boot(link, mkdtempSync(join(folder, 'other-')), server);
        others.push(other);
        return other;
      };
      try {
        // Before the runner's own limit, which would leave nothing to be looked at.
        await within(name, seconds, run({ network: link, server, device, another }));
        const faults = [device, ...others].flatMap(each => each.faults);
        if (faults.length > 0) throw new Error(`faults on the page:\n${faults.join('\n')}`);
      } catch (error) {
        await keep(name, device);
        throw await told(error, [device, ...others]);
      } finally {
        await Promise.all([device, ...others].map(each => each.close()));
      }
    } finally {
      await server.close();
    }
  } finally {
    link.close();
    // What a browser had begun to write may still come.
    await until(
      `${folder} is removed`,
      async () => isRemoved(folder),
      removed => removed,
    );
  }
}

/** Removes a folder; not as long as parts of a browser that was killed still write there. */
function isRemoved(folder: string): boolean {
  try {
    rmSync(folder, { recursive: true, force: true });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
    return false;
  }
}

/** The error with what the devices' pages show, folded so that a log of short lines holds it. */
async function told(error: unknown, devices: Driven[]): Promise<unknown> {
  const words = await Promise.all(devices.map(device => device.words().catch(reason => [`${reason}`])));
  const lines = words.flat().flatMap(line => line.match(/.{1,160}/gu) ?? []);
  if (error instanceof Error) error.stack = [error.stack, ...lines].join('\n    ');
  return error;
}

async function keep(name: string, device: Driven): Promise<void> {
  const folder = join(ARTIFACTS, name.replaceAll(/[^a-z0-9]+/gi, '-'));
  mkdirSync(folder, { recursive: true });
  // What happened matters more than that it could not all be kept.
  await device.keep(folder).catch(error => process.stdout.write(`# ${error}\n`));
  process.stdout.write(`# kept in ${folder}\n`);
}
