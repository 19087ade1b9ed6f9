/** Chromium, which has Background Sync unless a test wants it otherwise. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';
import type { Launch } from './device.ts';
import { WITHOUT_SYNC } from './without-sync.ts';

const CHROME = process.env.CHROME ?? '/usr/bin/chromium';

/**
 * Pages of Chromium's own address bar, which nobody sees here: at each start their process alone takes a second of processor
 * time, of 2.9 for all. Of two such lists Chromium reads the last alone, so these are put at the end of Playwright's.
 */
const WITHOUT = `for each do shift
  case $each in --disable-features=*) each=$each,WebUIOmniboxPopup,WebUIOmniboxAimPopup ;; esac
  set -- "$@" "$each"
done
`;

export async function launch(how: Launch): Promise<BrowserContext> {
  const { network, folder, origin, locale, backgroundSync } = how;
  const wrapper = join(folder, 'browser');
  const command = network.inDevice([CHROME]).join(' ');
  writeFileSync(wrapper, `#!/bin/sh\necho $$ > '${join(folder, 'pid')}'\n${WITHOUT}exec ${command} "$@"\n`, {
    mode: 0o755,
  });
  // A killed browser leaves its lock behind; the pid in it may be another's by now.
  for (const name of ['SingletonLock', 'SingletonCookie', 'SingletonSocket']) {
    rmSync(join(folder, 'profile', name), { force: true });
  }
  const context = await chromium.launchPersistentContext(join(folder, 'profile'), {
    executablePath: wrapper,
    args: [
      '--no-sandbox',
      '--disable-quic',
      ...(how.host ? [`--host-resolver-rules=MAP ${how.host} ${network.address}`] : []),
      `--unsafely-treat-insecure-origin-as-secure=${origin}`,
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-video-capture=${camera(folder)}`,
    ],
    viewport: { width: 390, height: 844 },
    locale,
    // Workers and pages alike are watched.
    serviceWorkers: 'allow',
  });
  if (!backgroundSync) await context.addInitScript(WITHOUT_SYNC);
  return context;
}

/** What the camera sees: pictures one after another (MJPEG); there is none until this is written. */
export const camera = (folder: string): string => join(folder, 'camera.mjpeg');

/** Tells of what a policy forbids to service workers: of that their consoles hear nothing. */
export async function watchWorkers(context: BrowserContext, tell: (text: string) => void): Promise<void> {
  const session = await context.browser()?.newBrowserCDPSession();
  if (!session) throw new Error('there is no session of the whole browser');
  session.on('Target.targetCreated', async ({ targetInfo: { type, targetId } }) => {
    if (type !== 'service_worker') return;
    try {
      const { sessionId } = await session.send('Target.attachToTarget', { targetId, flatten: false });
      // It then tells of what was before too.
      const message = JSON.stringify({ id: 1, method: 'Log.enable' });
      await session.send('Target.sendMessageToTarget', { sessionId, message });
    } catch {
      // It has ended already, or the browser has.
    }
  });
  session.on('Target.receivedMessageFromTarget', ({ message }) => {
    const { method, params } = JSON.parse(message);
    if (method === 'Log.entryAdded' && params.entry.source === 'security') tell(params.entry.text);
  });
  await session.send('Target.setDiscoverTargets', { discover: true });
}
