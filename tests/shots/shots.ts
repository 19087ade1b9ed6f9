/**
 * Pictures of every page in its main states, phone and desktop, light and dark, into target/shots. With words as arguments
 * only the pages whose names contain one of them.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { go } from '../e2e/support/app.ts';
import { Device, ready } from '../e2e/support/device.ts';
import { network } from '../e2e/support/network.ts';
import { Server } from '../e2e/support/server.ts';
import { setUp } from '../e2e/support/vault.ts';
import { pages, quiet, type Shot } from './pages.ts';
import { seed } from './seed.ts';

const OUT = 'target/shots';
const SIZES = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } };

const wanted = process.argv.slice(2);
const chosen = pages.filter(({ name }) => wanted.length === 0 || wanted.some(word => name.includes(word)));

async function take(page: Page, shot: Shot): Promise<void> {
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await go(page, shot.path);
      await shot.ready(page);
      await quiet(page);
      await page.screenshot({ path: join(OUT, `${shot.name}-${size}-${colorScheme}.png`) });
      await shot.after?.(page);
    }
  }
}

/** Chooses the language, as the settings do. */
async function speak(page: Page, language: 'en' | 'ar'): Promise<void> {
  await page.evaluate(language => localStorage.setItem('fieldsync.language', language), language);
  await page.reload();
  await ready(page);
}

const folder = mkdtempSync(join(tmpdir(), 'fieldsync-shots-'));
const link = network();
mkdirSync(OUT, { recursive: true });
try {
  const server = await Server.start(link, folder, { backgroundSync: true, accounts: false });
  const device = await Device.start(
    'chromium',
    { network: link, folder, origin: server.origin, locale: 'en-US', backgroundSync: true },
    server,
  );
  try {
    const page = await device.install();
    let seeded = false;
    // Its words are kept with their first use, and the day's work is seen offline.
    for (const language of ['ar', 'en'] as const) await speak(page, language);
    for (const state of ['empty', 'seeded', 'arabic', 'vault'] as const) {
      const shots = chosen.filter(shot => shot.state === state);
      if (shots.length === 0) continue;
      if (state !== 'empty' && !seeded) await seed(device, page);
      seeded ||= state !== 'empty';
      if (state === 'arabic') await speak(page, 'ar');
      if (state === 'vault') {
        await speak(page, 'en');
        await setUp(page);
      }
      for (const shot of shots) {
        await take(page, shot);
        process.stdout.write(`${shot.name}\n`);
      }
    }
  } finally {
    if (device.faults.length > 0) process.stdout.write(`faults on the page:\n${device.faults.join('\n')}\n`);
    process.exitCode = device.faults.length;
    await device.close();
    await server.close();
  }
} finally {
  link.close();
  rmSync(folder, { recursive: true, force: true });
}
