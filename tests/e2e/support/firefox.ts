/**
 * Stock Firefox, driven by Playwright over WebDriver BiDi. It listens on its namespace's loopback, where a test cannot reach
 * it: what Playwright starts is a bridge that starts it there.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BrowserContext, firefox } from 'playwright-core';
import type { Launch } from './device.ts';

const FIREFOX = process.env.FIREFOX ?? '/usr/bin/firefox-esr';

export async function launch({ network, folder, origin, locale }: Launch): Promise<BrowserContext> {
  const wrapper = join(folder, 'browser');
  const [bridge, far] = ['bridge.mjs', 'bidi.mjs'].map(name => new URL(name, import.meta.url).pathname);
  const inside = network.inDevice([process.execPath, far ?? '', join(folder, 'pid'), FIREFOX]);
  const words = [process.execPath, bridge ?? '', ...inside].map(word => `'${word}'`).join(' ');
  writeFileSync(wrapper, `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
  const context = await firefox.launchPersistentContext(join(folder, 'profile'), {
    channel: 'moz-firefox',
    executablePath: wrapper,
    env: { ...process.env, HOME: folder },
    firefoxUserPrefs: preferences(new URL(origin).hostname),
    viewport: { width: 390, height: 844 },
    locale,
  });
  await context.addInitScript(WITHOUT_ASSOCIATED);
  return context;
}

/**
 * Firefox 153 ends a page's process where the page's own world (axe) and then the driver's read which elements label one
 * another. axe goes by the attributes without.
 */
const WITHOUT_ASSOCIATED = `
for (const name of Object.keys(Element.prototype)) if (/^aria.*Elements$/.test(name)) delete Element.prototype[name];
`;

/** Firefox lets this address have service workers, Web Locks and caches, notices a link that goes, and asks nobody for anything. */
const preferences = (host: string) => ({
  'dom.securecontext.allowlist': host,
  'dom.caches.testing.enabled': true,
  'network.manage-offline-status': true,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'data:,',
  // Nobody is there who could be asked; what a test allows is allowed nevertheless.
  'permissions.default.geo': 2,
  'permissions.default.camera': 2,
  // What Chromium is told by the protocol.
  'ui.prefersReducedMotion': 1,
});
