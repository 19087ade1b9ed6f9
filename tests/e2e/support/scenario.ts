/** A test with a world of its own: network, server, device. What is left of one that fails is kept to be looked at. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Device } from './device.ts';
import { Firefox } from './firefox.ts';
import { type Network, network } from './network.ts';
import { Server } from './server.ts';
import { within } from './until.ts';

const ARTIFACTS = process.env.FIELDSYNC_ARTIFACTS ?? 'target/test-artifacts';

/** How long a scenario may take unless it says otherwise. */
const SECONDS = 150;

export interface World<B = Device> {
  network: Network;
  server: Server;
  device: B;
  /** A further device of the same person, behind the same link. It ends with the scenario. */
  another(): Promise<B>;
}

/** What the device is. */
interface Browser {
  readonly faults: string[];
  keep(folder: string): Promise<void>;
  close(): Promise<void>;
}

export interface Options {
  /** Whether the browser has Background Sync and Periodic Sync. */
  backgroundSync?: boolean;
  /** Whether people sign in; else the server is the demo's. */
  accounts?: boolean;
  /** Whether the server has a copy of the app that can be changed. */
  copy?: boolean;
  /** The language of the device's system. */
  locale?: string;
  /** How long it may take. */
  seconds?: number;
}

/** In Chromium. */
export function scenario(name: string, run: (world: World) => Promise<void>, options: Options = {}): void {
  const {
    backgroundSync = true,
    accounts = false,
    copy = false,
    locale = 'en-US',
    seconds = SECONDS,
  } = options;
  test(name, { timeout: (seconds + 30) * 1_000 }, () =>
    play(
      name,
      run,
      network(),
      { backgroundSync, accounts, copy, locale, seconds },
      (link, folder, { origin }) => Device.start(link, folder, origin, { backgroundSync, locale }),
    ),
  );
}

/** In Firefox. */
export function inFirefox(name: string, run: (world: World<Firefox>) => Promise<void>): void {
  test(name, { timeout: (SECONDS + 30) * 1_000 }, () =>
    play(
      name,
      run,
      network({ gateway: true }),
      { backgroundSync: true, accounts: false, copy: false, locale: 'en-US', seconds: SECONDS },
      Firefox.start,
    ),
  );
}

async function play<B extends Browser>(
  name: string,
  run: (world: World<B>) => Promise<void>,
  link: Network,
  app: Required<Options>,
  boot: (link: Network, folder: string, server: Server) => Promise<B>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'fieldsync-'));
  try {
    const server = await Server.start(link, folder, app);
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
        await within(name, app.seconds, run({ network: link, server, device, another }));
        const faults = [device, ...others].flatMap(each => each.faults);
        if (faults.length > 0) throw new Error(`faults on the page:\n${faults.join('\n')}`);
      } catch (error) {
        await keep(name, device);
        throw error;
      } finally {
        await Promise.all([device, ...others].map(each => each.close()));
      }
    } finally {
      await server.close();
    }
  } finally {
    link.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function keep(name: string, device: Browser): Promise<void> {
  const folder = join(ARTIFACTS, name.replaceAll(/[^a-z0-9]+/gi, '-'));
  mkdirSync(folder, { recursive: true });
  // What happened matters more than that it could not all be kept.
  await device.keep(folder).catch(error => process.stdout.write(`# ${error}\n`));
  process.stdout.write(`# kept in ${folder}\n`);
}
