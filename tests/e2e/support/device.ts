/** A device: a real browser on a profile of its own, in the device's network namespace. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext, CDPSession, Page, Worker } from 'playwright-core';
import type { Fieldsync } from '../../../www/lib/client.ts';
import type { Reading } from '../../../www/lib/generated.ts';
import * as chromium from './chromium.ts';
import * as firefox from './firefox.ts';
import type { Network } from './network.ts';
import { atMost, until } from './until.ts';

export type Browser = 'chromium' | 'firefox';

/** Whether a trace holds pictures and the page as it was at every step: that takes more than all the rest of a scenario. */
const LOOK = process.env.FIELDSYNC_TRACE !== undefined;

/** What a browser is started with. */
export interface Launch {
  network: Network;
  folder: string;
  /** Where the app is. */
  origin: string;
  /** By which name the device knows the server's address, where it knows it by one. */
  host?: string | undefined;
  /** The language of the device's system. */
  locale: string;
  /** Whether Chromium has it; Firefox never does. */
  backgroundSync: boolean;
}

/** The server as a device knows it. */
export interface Reached {
  readonly origin: string;
  /** Whether it can be reached, for where there is no link to take down. */
  reachable(state: boolean): void;
}

export class Device {
  private context!: BrowserContext;
  private offline = false;
  /** What went wrong on any page, such as a violation of the Content-Security-Policy. */
  readonly faults: string[] = [];

  private constructor(
    readonly browser: Browser,
    private readonly how: Launch,
    private readonly server: Reached,
  ) {}

  static async start(browser: Browser, how: Launch, server: Reached): Promise<Device> {
    const device = new Device(browser, how, server);
    await device.boot();
    return device;
  }

  /** Starts the browser on the profile as it was left. */
  async boot(): Promise<void> {
    const launch = this.browser === 'firefox' ? firefox.launch : chromium.launch;
    this.context = await launch(this.how);
    // What else Playwright waits for, at most.
    this.context.setDefaultTimeout(atMost(30));
    this.context.on('console', message => {
      const text = message.text();
      if (/Content.Security.Policy|Refused to|panicked/i.test(text)) this.faults.push(text);
    });
    this.context.on('weberror', weberror => {
      const error = weberror.error();
      // So Firefox calls every file that is wanted with the network off and is not kept, also where the app expects it.
      if (/Failed to load .*A ServiceWorker passed a promise/s.test(`${error.message} ${error.stack}`))
        return;
      this.faults.push(error.stack ?? `${error}`);
    });
    // A real link stays down by itself; the emulation ended with the browser.
    if (!this.network.real && this.offline) await this.emulate(false);
    if (this.browser === 'chromium') {
      await chromium.watchWorkers(this.context, text => this.faults.push(text));
      // In Firefox the recorder does on the page what its policy forbids.
      await this.context.tracing.start({ screenshots: LOOK, snapshots: LOOK });
    }
  }

  private get network(): Network {
    return this.how.network;
  }

  private get folder(): string {
    return this.how.folder;
  }

  /** Where the browser keeps what it has of the app. */
  get profile(): string {
    return join(this.folder, 'profile');
  }

  private get origin(): string {
    return this.how.origin;
  }

  /** Lets the camera see this picture, and the app use the camera. */
  async sees(jpeg: Buffer): Promise<void> {
    const file = chromium.camera(this.folder);
    writeFileSync(file, Buffer.concat(Array.from({ length: 30 }, () => jpeg)));
    await this.context.grantPermissions(['camera'], { origin: this.origin });
  }

  /** Where the device is, to within so many metres; without a place nobody may know. */
  async isAt(page: Page, place?: { latitude: number; longitude: number; accuracy: number }): Promise<void> {
    if (place) {
      await this.context.setGeolocation(place);
      await this.allow('geolocation');
      return;
    }
    if (this.browser === 'firefox') return; // nobody may unless it is allowed
    const session = await this.context.newCDPSession(page);
    const permission = { name: 'geolocation' };
    await session.send('Browser.setPermission', { permission, setting: 'denied', origin: this.origin });
    await session.detach();
  }

  /** The person agrees to what the browser asks. What is not named is refused from then on, so Background Sync is. */
  async allow(...permissions: string[]): Promise<void> {
    const also = this.browser === 'chromium' ? ['background-sync'] : [];
    await this.context.grantPermissions([...permissions, ...also], { origin: this.origin });
  }

  /** Opens the app and waits until its engine is there. */
  async open(path = '/'): Promise<Page> {
    const page = await this.context.newPage();
    // A browser that hears late of its link's coming breaks off what it loads; the app says so, and a person tries again.
    const broken = new Promise<boolean>(resolve => {
      page.on('requestfailed', request => {
        if (request.failure()?.errorText === 'net::ERR_NETWORK_CHANGED') resolve(true);
      });
    });
    const started = page.goto(this.origin + path).then(
      () => ready(page).then(() => false),
      error => String(error).includes('ERR_NETWORK_CHANGED') || Promise.reject(error),
    );
    if (await Promise.race([started, broken])) {
      started.catch(() => {}); // it is asked once more
      await page.reload();
      await ready(page);
    }
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

  /** What pages ask of this path fails from now on; answers how often they have asked. */
  async fail(path: string): Promise<() => number> {
    let asked = 0;
    await this.context.route(this.origin + path, route => {
      asked += 1;
      return route.fulfill({ status: 500, body: '' });
    });
    return () => asked;
  }

  /** Takes the device off the network, or back onto it, and waits until the browser has noticed. */
  async online(page: Page, state: boolean): Promise<void> {
    await this.connect(state);
    if (!this.network.real && this.browser === 'firefox') return; // it still believes itself online
    await page.waitForFunction(online => navigator.onLine === online, state);
  }

  /** The same without a page to ask. */
  async connect(state: boolean): Promise<void> {
    this.offline = !state;
    this.network.link(state ? 'up' : 'down');
    if (!this.network.real) await this.emulate(state);
  }

  /** Stands in for a link. Firefox has no such emulation for workers: there the server cannot be reached. */
  private async emulate(state: boolean): Promise<void> {
    if (this.browser === 'firefox') this.server.reachable(state);
    else await this.context.setOffline(!state);
  }

  /** A session of the DevTools protocol on a page, with its service workers. */
  async devtools(page: Page): Promise<CDPSession> {
    const session = await this.context.newCDPSession(page);
    await session.send('ServiceWorker.enable');
    return session;
  }

  /** Has the browser remove all that it stores for the app, as it does where room runs out: cookies stay. */
  async evict(page: Page): Promise<void> {
    const session = await this.context.newCDPSession(page);
    const storageTypes = 'indexeddb,cache_storage,service_workers,local_storage,file_systems';
    await session.send('Storage.clearDataForOrigin', { origin: this.origin, storageTypes });
    await session.detach();
  }

  /**
   * Allows so many bytes for all that the browser stores for the app, until it ends. Before the app is opened: what it has learned
   * of its room it believes for a while.
   */
  async full(quotaSize: number): Promise<void> {
    const session = await this.context.newCDPSession(await this.context.newPage());
    await session.send('Storage.overrideQuotaForOrigin', { origin: this.origin, quotaSize });
  }

  /** The same to a browser that runs, for as long as something else takes; whether it can be done. */
  async fullFor(page: Page, quotaSize: number, meanwhile: () => Promise<void>): Promise<boolean> {
    if (this.browser === 'firefox') return false;
    const session = await this.context.newCDPSession(page);
    await session.send('Storage.overrideQuotaForOrigin', { origin: this.origin, quotaSize });
    await meanwhile();
    await session.send('Storage.overrideQuotaForOrigin', { origin: this.origin });
    await session.detach();
    return true;
  }

  /** Ends the workers, as the browser does now and then; only Chromium can be told to. */
  async endWorkers(page: Page): Promise<void> {
    if (this.browser === 'firefox') return;
    await (await this.devtools(page)).send('ServiceWorker.stopAllWorkers');
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
    const pid = join(this.folder, 'pid');
    process.kill(Number(readFileSync(pid, 'utf8')), 'SIGKILL');
    await gone;
    rmSync(pid); // by now it may be another's
  }

  /** Keeps pictures and words of its pages, and the trace of what happened. */
  async keep(folder: string): Promise<void> {
    for (const [n, page] of this.context.pages().entries()) {
      await page.screenshot({ path: join(folder, `page-${n}.png`), timeout: 5_000 });
      const words = await page.locator('body').ariaSnapshot({ timeout: 5_000 });
      writeFileSync(join(folder, `page-${n}.yml`), words);
    }
    if (this.browser === 'chromium') await this.context.tracing.stop({ path: join(folder, 'trace.zip') });
  }

  /** What its pages show, in few words: for whoever has only the error. */
  async words(): Promise<string[]> {
    const pages = this.context.pages().filter(page => page.url().startsWith(this.origin));
    return Promise.all(
      pages.map(async page => {
        const seen = await page.locator('body').ariaSnapshot({ timeout: 5_000 });
        const lines = seen.split('\n').map(line => line.replace(/^[\s-]+/, ''));
        const telling = lines.filter(
          line => !/^(link|list|listitem|img|navigation|\/url|option|banner)\b/.test(line),
        );
        return `${new URL(page.url()).pathname} shows: ${telling.join(' · ')}`.slice(0, 900);
      }),
    );
  }

  /**
   * Chromium would go on while a sync event is under way, which without a network is for minutes; and nobody needs what it
   * would still write.
   */
  async close(): Promise<void> {
    if (this.browser !== 'chromium') await this.context.close();
    else if (existsSync(join(this.folder, 'pid'))) await this.kill();
  }
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
export const status = (page: Page) =>
  page.evaluate(() => (globalThis.fieldsync as Fieldsync).status(), undefined);

/** The device's items: those that are not yet on the server, or those that are. */
export const items = (page: Page, shelf: 'queue' | 'done') =>
  page.evaluate(
    async shelf => (await (globalThis.fieldsync as Fieldsync).list({ shelf, limit: 500 })).items,
    shelf,
  );

/** Waits until nothing waits on this device. */
export const drained = (page: Page, seconds = 120) =>
  until(
    'the queue drains',
    () => status(page),
    seen => seen.queueSize === 0,
    seconds,
  );

/** Asks for a sync and waits until it has settled. */
export const syncNow = (page: Page) => page.evaluate(() => (globalThis.fieldsync as Fieldsync).syncNow());

/**
 * Waits until nothing waits on this device, where it is not told how good the link is. Where pings are slow, as on a busy machine,
 * photos and less urgent entries wait for a better link, until the person presses the button.
 */
export const allSent = (page: Page, seconds = 120) =>
  until(
    'the queue drains',
    async () => {
      const seen = await status(page);
      if (seen.hold?.why === 'poorLink') await syncNow(page);
      return seen;
    },
    seen => seen.queueSize === 0,
    seconds,
  );

/** Waits until the browser has been asked for a sync event: with no page open there is nothing else that sends. */
export const syncAsked = (page: Page) =>
  until(
    'a sync event is asked for',
    () =>
      page.evaluate(async () => {
        const { sync } = (await navigator.serviceWorker.ready) as unknown as {
          sync: { getTags(): Promise<string[]> };
        };
        return sync.getTags();
      }),
    tags => tags.length > 0,
  );

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
