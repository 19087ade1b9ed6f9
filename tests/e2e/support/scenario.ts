/** A test with a world of its own: network, server, device. What is left of one that fails is kept to be looked at. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Device } from './device.ts';
import { type Network, network } from './network.ts';
import { Server } from './server.ts';
import { within } from './until.ts';

const ARTIFACTS = process.env.FIELDSYNC_ARTIFACTS ?? 'target/test-artifacts';

export interface World {
  network: Network;
  server: Server;
  device: Device;
}

export interface Options {
  /** Whether the browser has Background Sync and Periodic Sync. */
  backgroundSync?: boolean;
}

export function scenario(name: string, run: (world: World) => Promise<void>, options: Options = {}): void {
  const { backgroundSync = true } = options;
  test(name, { timeout: 180_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fieldsync-'));
    const link = network();
    try {
      const server = await Server.start(link, folder, { backgroundSync });
      try {
        const device = await Device.start(link, folder, server.origin, { backgroundSync });
        try {
          // Before the runner's own limit, which would leave nothing to be looked at.
          await within(name, 150, run({ network: link, server, device }));
          if (device.faults.length > 0) throw new Error(`faults on the page:\n${device.faults.join('\n')}`);
        } catch (error) {
          await keep(name, device);
          throw error;
        } finally {
          await device.close();
        }
      } finally {
        await server.close();
      }
    } finally {
      link.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

async function keep(name: string, device: Device): Promise<void> {
  const folder = join(ARTIFACTS, name.replaceAll(/[^a-z0-9]+/gi, '-'));
  mkdirSync(folder, { recursive: true });
  // What happened matters more than that it could not all be kept.
  await device.keep(folder).catch(error => process.stdout.write(`# ${error}\n`));
  process.stdout.write(`# kept in ${folder}\n`);
}
