/** The elements that any page can use: each in every state, and on a page that is not the app. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { FsBadge, Health } from '../../www/elements/fs-badge.ts';
import type { FsList } from '../../www/elements/fs-list.ts';
import type { FsProgress } from '../../www/elements/fs-progress.ts';
import { items, settings, statuses } from '../../www/lib/element-states.ts';
import { accessible } from './support/axe.ts';
import { scenario } from './support/scenario.ts';

const BUILT = process.env.FIELDSYNC_ELEMENTS ?? 'target/elements';
/** The page's own look, in light and dark. */
const OWN = `:root { color-scheme: light dark; --fs-radius: 3px }
  body { background: light-dark(#fff, #111); color: light-dark(#111, #fff) }
  fs-list::part(list) { list-style: square }`;

/** As strict as a page can be that has scripts and styles of its own. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'";

scenario('each element is shown in every state, in light and dark', async ({ device }) => {
  const page = await device.install();
  await page.goto(new URL('/elements', page.url()).href);
  const part = (name: string) => page.locator(`section[aria-labelledby="${name}"]`);
  for (const words of ['Starting', 'Up to date', 'Needs sync', 'Check failed'])
    await part('fs-badge').getByRole('img', { name: words }).waitFor();
  for (const words of [
    'Online',
    'Network unknown',
    'Offline · 3 waiting',
    'Syncing · 8 waiting',
    '2 need you',
  ])
    await part('fs-indicator').getByText(words, { exact: true }).first().waitFor();
  await part('fs-indicator')
    .getByText(/^Battery below 20 % · 2 min · 5.waiting$/)
    .waitFor();
  await part('fs-progress').getByText('Synced: 11 | Failed: 1').first().waitFor();
  await part('fs-progress').getByText('Checking the connection').waitFor();
  await part('fs-progress').getByText('Waiting for a connection').waitFor();
  await part('fs-progress')
    .getByText(/Last sync .*Synced: 19 \| Failed: 1/)
    .waitFor();
  const states = await part('fs-list')
    .locator('fs-item')
    .evaluateAll(rows => rows.map(row => (row as HTMLElement).dataset.state));
  assert.deepEqual(states, ['pending', 'blocked', 'inFlight', 'retryAt', 'conflict', 'setAside', 'done']);
  await part('fs-list').getByText('Nothing is waiting').waitFor();
  await accessible(page);

  // What a person does is told with events; nothing happens by itself.
  await part('fs-list').getByRole('button', { name: 'Keep mine' }).click();
  await page.getByRole('status').filter({ hasText: 'Told with fs-keep-mine.' }).waitFor();
  await page.getByLabel('Wait below').fill('101');
  await page.getByLabel('Wait below').press('Tab');
  await page.getByRole('alert').filter({ hasText: 'Enter a number from 0 to 100.' }).waitFor();
  await accessible(page);
  await page.getByLabel('Wait below').fill('35');
  await page.getByLabel('Wait below').press('Tab');
  await page.getByRole('status').filter({ hasText: 'Told with fs-setting.' }).waitFor();
});

/** A page of somebody else's, with its own look: only the one script of the elements is added. */
function elsewhere(lang: string, body: string): Promise<{ server: Server; origin: string }> {
  const html = `<!doctype html><html lang="${lang}"><meta charset="utf-8"><title>Elsewhere</title>
    <link rel="stylesheet" href="/own.css"><script type="module" src="/elements.js"></script><body>${body}`;
  const files: Record<string, [string, string]> = {
    '/': ['text/html', html],
    '/own.css': ['text/css', OWN],
  };
  const server = createServer((request, answer) => {
    const path = request.url ?? '/';
    const [type, text] = files[path] ?? ['text/javascript', file(path)];
    if (text === undefined) return void answer.writeHead(404).end();
    answer.writeHead(200, { 'content-type': type, 'content-security-policy': POLICY }).end(text);
  });
  return new Promise(ready => {
    server.listen(0, '127.0.0.1', () =>
      ready({ server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }),
    );
  });
}

function file(path: string): string | undefined {
  try {
    return readFileSync(join(BUILT, path), 'utf8');
  } catch {
    return undefined;
  }
}

/** Opens it, and fails where its policy was violated or a script threw. */
async function visit(lang: string, body: string, look: (page: Page) => Promise<void>): Promise<void> {
  const { server, origin } = await elsewhere(lang, body);
  let browser: Browser | undefined;
  try {
    const executablePath = process.env.CHROME ?? '/usr/bin/chromium';
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    const page = await browser.newPage();
    const faults: string[] = [];
    page.on('pageerror', error => faults.push(String(error)));
    page.on('console', message => message.type() === 'error' && faults.push(message.text()));
    await page.goto(origin);
    await page.waitForFunction(() => customElements.get('fs-settings') !== undefined);
    await look(page);
    assert.deepEqual(
      faults.filter(text => !text.includes('favicon')),
      [],
    );
  } finally {
    await browser?.close();
    server.closeAllConnections();
    server.close();
  }
}

test('on a page that is not the app an element shows what it is given, and looks as the page says', async () => {
  const body = `<main><h1>Elsewhere</h1><fs-badge state="aligned"></fs-badge><fs-indicator></fs-indicator>
    <fs-progress></fs-progress><fs-list><p>Nothing here</p></fs-list></main>`;
  await visit('en', body, async page => {
    // Nothing is known, and nobody is asked.
    await page.getByRole('img', { name: 'Up to date. Not checked yet.' }).waitFor();
    await page.getByText('Starting').waitFor();
    const surface = () =>
      page.locator('fs-badge span').evaluate(mark => getComputedStyle(mark).backgroundColor);
    assert.equal(await surface(), 'rgb(255, 255, 255)');
    await page.emulateMedia({ colorScheme: 'dark' });
    assert.equal(await surface(), 'rgb(24, 32, 39)', 'as the page’s color-scheme says');
    await page.emulateMedia({ colorScheme: 'light' });
    await page.evaluate(
      ({ items, status }) => {
        Object.assign(document.querySelector('fs-list') as FsList, { items });
        Object.assign(document.querySelector('fs-progress') as FsProgress, { status });
      },
      { items: items(), status: statuses().sending },
    );
    await page.getByText('Synced: 11 | Failed: 1').waitFor();
    await page.locator('[data-state="conflict"]').waitFor();
    const list = await page.locator('fs-list ol').evaluate(list => {
      const { listStyleType, borderRadius } = getComputedStyle(list);
      return [listStyleType, borderRadius];
    });
    assert.deepEqual(list, ['square', '3px'], 'its part and its custom property are as the page says');
    await accessible(page);
  });
});

test('an element that is given a client asks it, hears of what changes, and acts through it', async () => {
  await visit(
    'en',
    '<main><fs-indicator></fs-indicator><fs-list></fs-list><fs-settings></fs-settings></main>',
    async page => {
      await page.evaluate(
        ({ items, settings, idle, needed }) => {
          const listeners: ((event: { type: 'changed' }) => void)[] = [];
          const calls: unknown[] = [];
          let [queue, status] = [items.slice(0, 1), idle];
          const client = {
            async status() {
              return status;
            },
            async list() {
              return { items: queue };
            },
            async settings() {
              return settings;
            },
            async setSettings(change: object) {
              calls.push(change);
              return { ...settings, ...change };
            },
            on(listener: (event: { type: 'changed' }) => void) {
              listeners.push(listener);
            },
          };
          const more = {
            grow() {
              [queue, status] = [items, needed];
              for (const listener of listeners) listener({ type: 'changed' });
            },
          };
          Object.assign(globalThis, { calls, more });
          for (const element of document.querySelectorAll('main > *')) Object.assign(element, { client });
        },
        { items: items(), settings, idle: statuses().idle, needed: statuses().needed },
      );
      await page.getByText('Online', { exact: true }).waitFor();
      await page.locator('fs-item').first().waitFor();
      assert.equal(await page.locator('fs-item').count(), 1);
      await page.evaluate(() => (globalThis as unknown as { more: { grow(): void } }).more.grow());
      await page.getByText('2 need you').waitFor();
      await page.locator('fs-item').nth(6).waitFor();
      await page.evaluate(() => {
        const heard = new Promise(told =>
          document.addEventListener('fs-setting', event => told((event as CustomEvent).detail)),
        );
        Object.assign(globalThis, { heard });
      });
      await page.getByLabel('Only while charging').check();
      const heard = await page.evaluate(() => (globalThis as unknown as { heard: Promise<unknown> }).heard);
      assert.deepEqual(heard, {
        label: 'Only while charging',
        change: { syncOnlyWhenCharging: true },
        before: { syncOnlyWhenCharging: false },
      });
      const calls = await page.evaluate(() => (globalThis as unknown as { calls: unknown[] }).calls);
      assert.deepEqual(calls, [{ syncOnlyWhenCharging: true }]);
    },
  );
});

test('the elements speak the language of the page, and leave the page as it is', async () => {
  await visit('ar', '<main dir="rtl"><fs-badge state="needed"></fs-badge></main>', async page => {
    await page.getByRole('img', { name: /[\u0621-\u064a]/ }).waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.dir), '');
  });
});

test('a state that passes within 50 ms is never shown', async () => {
  await visit('en', '<fs-badge state="aligned"></fs-badge>', async page => {
    const seen = await page.evaluate(async () => {
      const badge = document.querySelector('fs-badge') as FsBadge;
      const mark = badge.shadowRoot?.querySelector('span') as HTMLElement;
      const seen: string[] = [];
      const settled = new Promise<void>(done =>
        new MutationObserver(() => {
          seen.push(mark.className);
          if (mark.className === 'failed') done();
        }).observe(mark, { attributeFilter: ['class'] }),
      );
      for (const state of ['needed', 'starting', 'failed'] satisfies Health[]) {
        badge.state = state;
        await badge.updateComplete;
      }
      await settled;
      return seen;
    });
    assert.deepEqual(seen, ['failed']);
  });
});
