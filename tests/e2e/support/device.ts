/** A device: real Chromium on a profile of its own, in the device's network namespace. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BrowserContext, type CDPSession, chromium, type Page, type Worker } from 'playwright-core';
import type { Fieldsync } from '../../../www/lib/client.ts';
import type { Reading } from '../../../www/lib/generated.ts';
import type { Network } from './network.ts';
import { until } from './until.ts';
import { WITHOUT_SYNC } from './without-sync.ts';

const CHROME = process.env.CHROME ?? '/usr/bin/chromium';

export class Device {
  private context!: BrowserContext;
  private offline = false;
  /** What went wrong on any page, such as a violation of the Content-Security-Policy. */
  readonly faults: string[] = [];

  private constructor(
    private readonly network: Network,
    private readonly folder: string,
    private readonly origin: string,
    private readonly backgroundSync: boolean,
    private readonly locale: string,
  ) {}

  static async start(
    network: Network,
    folder: string,
    origin: string,
    { backgroundSync, locale = 'en-US' }: { backgroundSync: boolean; locale?: string },
  ): Promise<Device> {
    const device = new Device(network, folder, origin, backgroundSync, locale);
    await device.boot();
    return device;
  }

  /** Starts the browser on the profile as it was left. */
  async boot(): Promise<void> {
    const wrapper = join(this.folder, 'browser');
    const command = this.network.inDevice([CHROME]).join(' ');
    writeFileSync(wrapper, `#!/bin/sh\necho $$ > '${join(this.folder, 'pid')}'\nexec ${command} "$@"\n`, {
      mode: 0o755,
    });
    // A killed browser leaves its lock behind; the pid in it may be another's by now.
    for (const name of ['SingletonLock', 'SingletonCookie', 'SingletonSocket']) {
      rmSync(join(this.folder, 'profile', name), { force: true });
    }
    this.context = await chromium.launchPersistentContext(join(this.folder, 'profile'), {
      executablePath: wrapper,
      args: [
        '--no-sandbox',
        '--disable-quic',
        `--unsafely-treat-insecure-origin-as-secure=${this.origin}`,
        '--use-fake-device-for-media-stream',
        `--use-file-for-fake-video-capture=${this.camera}`,
      ],
      viewport: { width: 390, height: 844 },
      locale: this.locale,
      // Workers and pages alike are watched.
      serviceWorkers: 'allow',
    });
    if (!this.backgroundSync) await this.context.addInitScript(WITHOUT_SYNC);
    this.context.on('console', message => {
      const text = message.text();
      if (/Content.Security.Policy|Refused to|panicked/i.test(text)) this.faults.push(text);
    });
    this.context.on('weberror', error => this.faults.push(`${error.error()}`));
    // A real link stays down by itself; the emulation ended with the browser.
    if (!this.network.real && this.offline) await this.context.setOffline(true);
    await this.context.tracing.start({ screenshots: true, snapshots: true });
  }

  /** What the camera sees: pictures one after another (MJPEG); there is none until this is written. */
  private get camera(): string {
    return join(this.folder, 'camera.mjpeg');
  }

  /** Lets the camera see this picture, and the app use the camera. */
  async sees(jpeg: Buffer): Promise<void> {
    writeFileSync(this.camera, Buffer.concat(Array.from({ length: 30 }, () => jpeg)));
    await this.context.grantPermissions(['camera'], { origin: this.origin });
  }

  /** Where the device is, to within so many metres; without a place nobody may know. */
  async isAt(page: Page, place?: { latitude: number; longitude: number; accuracy: number }): Promise<void> {
    if (place) {
      await this.context.setGeolocation(place);
      await this.allow('geolocation');
      return;
    }
    const session = await this.context.newCDPSession(page);
    const permission = { name: 'geolocation' };
    await session.send('Browser.setPermission', { permission, setting: 'denied', origin: this.origin });
    await session.detach();
  }

  /** The person agrees to what the browser asks. What is not named is refused from then on, so Background Sync is. */
  async allow(...permissions: string[]): Promise<void> {
    await this.context.grantPermissions([...permissions, 'background-sync'], { origin: this.origin });
  }

  /** Opens the app and waits until its engine is there. */
  async open(path = '/'): Promise<Page> {
    const page = await this.context.newPage();
    await page.goto(this.origin + path);
    await ready(page);
    return page;
  }

  /** Opens a page of the server's own, which has no engine. */
  async visit(path: string): Promise<Page> {
    const page = await this.context.newPage();
    await page.goto(this.origin + path);
    return page;
  }

  /** Opens the app for the first time: waits until it is kept for offline use. */
  async install(): Promise<Page> {
    const page = await this.open();
    await page.evaluate(async () => void (await navigator.serviceWorker.ready));
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    return page;
  }

  /** Takes the device off the network, or back onto it, and waits until the browser has noticed. */
  async online(page: Page, state: boolean): Promise<void> {
    await this.connect(state);
    await page.waitForFunction(online => navigator.onLine === online, state);
  }

  /** The same without a page to ask. */
  async connect(state: boolean): Promise<void> {
    this.offline = !state;
    this.network.link(state ? 'up' : 'down');
    if (!this.network.real) await this.context.setOffline(!state);
  }

  /** A session of the DevTools protocol on a page, with its service workers. */
  async devtools(page: Page): Promise<CDPSession> {
    const session = await this.context.newCDPSession(page);
    await session.send('ServiceWorker.enable');
    return session;
  }

  /** The service worker that runs. */
  worker(): Worker {
    const [worker] = this.context.serviceWorkers();
    if (!worker) throw new Error('no service worker runs');
    return worker;
  }

  /** Counts the browser's sync events in the worker that runs. */
  async countSyncEvents(): Promise<() => Promise<number>> {
    const worker = this.worker();
    await worker.evaluate(() => {
      Object.assign(self, { syncEvents: 0 });
      addEventListener('sync', () => {
        (self as unknown as { syncEvents: number }).syncEvents += 1;
      });
    });
    return () => worker.evaluate(() => (self as unknown as { syncEvents: number }).syncEvents);
  }

  /** How many bytes of memory the worker's engine has taken. */
  workerMemory(): Promise<number> {
    return this.worker().evaluate(() => (self as unknown as { fieldsyncMemory(): number }).fieldsyncMemory());
  }

  /** The titles of the notices that the worker has shown. */
  notices(): Promise<string[]> {
    return this.worker().evaluate(async () => {
      const { registration } = self as unknown as { registration: ServiceWorkerRegistration };
      return (await registration.getNotifications()).map(({ title }) => title).sort();
    });
  }

  /** Has the page think that it is hidden, or shown again: headless Chromium keeps every page visible. */
  async show(page: Page, shown: boolean): Promise<void> {
    await page.evaluate(
      state => {
        Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      },
      shown ? 'visible' : 'hidden',
    );
  }

  /** Closes every page of the app; the browser goes on, with the blank page that is answered. */
  async closePages(): Promise<Page> {
    const blank = await this.context.newPage(); // a browser without any page would end
    for (const page of this.context.pages()) if (page.url().startsWith(this.origin)) await page.close();
    return blank;
  }

  /** Ends the browser as a crash would: SIGKILL. */
  async kill(): Promise<void> {
    const gone = new Promise(resolve => this.context.once('close', resolve));
    process.kill(Number(readFileSync(join(this.folder, 'pid'), 'utf8')), 'SIGKILL');
    await gone;
  }

  /** Keeps screenshots and the trace of what happened. */
  async keep(folder: string): Promise<void> {
    for (const [n, page] of this.context.pages().entries()) {
      await page.screenshot({ path: join(folder, `page-${n}.png`), timeout: 5_000 });
    }
    await this.context.tracing.stop({ path: join(folder, 'trace.zip') });
  }

  async close(): Promise<void> {
    await this.context.close();
  }
}

/** A page of either browser. */
export interface Evaluates {
  evaluate<R, A>(work: (argument: A) => R | Promise<R>, argument: A): Promise<R>;
}

/** Waits until the page's engine is there. */
export async function ready(page: Page): Promise<void> {
  await page.waitForFunction(() => globalThis.fieldsync !== undefined);
}

/** Waits until so many files of this name, of those that come after the first load, are kept for offline use. */
export async function kept(page: Page, name: string, count = 1): Promise<void> {
  const files = () =>
    page.evaluate(async () => {
      const all = await (await caches.open('fieldsync-later')).keys();
      return all.map(({ url }) => url);
    });
  await until(
    `${name} is kept`,
    files,
    urls => urls.filter(url => url.includes(`/${name}-`)).length >= count,
  );
}

/** What the page's engine says of the queue. */
export const status = (page: Evaluates) =>
  page.evaluate(() => (globalThis.fieldsync as Fieldsync).status(), undefined);

/** The device's items: those that are not yet on the server, or those that are. */
export const items = (page: Evaluates, shelf: 'queue' | 'done') =>
  page.evaluate(
    async shelf => (await (globalThis.fieldsync as Fieldsync).list({ shelf, limit: 500 })).items,
    shelf,
  );

/** Waits until nothing waits on this device. */
export const drained = (page: Evaluates, seconds = 60) =>
  until(
    'the queue drains',
    () => status(page),
    seen => seen.queueSize === 0,
    seconds,
  );

/** Asks for a sync and waits until it has settled. */
export const syncNow = (page: Page) => page.evaluate(() => (globalThis.fieldsync as Fieldsync).syncNow());

/** Another device of the same person sends a reading: this one's engine knows nothing of it. */
export async function anotherDevice(page: Page, reading: Omit<Reading, 'readAt'>): Promise<void> {
  const status = await page.evaluate(async reading => {
    const time = Date.now().toString(16).padStart(12, '0');
    const rest = [...crypto.getRandomValues(new Uint8Array(8))]
      .map(byte => byte.toString(16).padStart(2, '0'))
      .join('');
    const id = `${time.slice(0, 8)}-${time.slice(8)}-7${rest.slice(0, 3)}-8${rest.slice(3, 6)}-${rest.slice(4)}`;
    const data = { ...reading, readAt: Date.now() };
    const item = { id, type: 'READING', action: 'CREATE', entityId: id, createdAt: Date.now(), data };
    const answer = await fetch('/api/v1/sync/push', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ deviceId: 'another', items: [item] }),
    });
    return (await answer.json()).results?.[0]?.status;
  }, reading);
  if (status !== 'applied') throw new Error(`the other device's reading is ${status}`);
}
