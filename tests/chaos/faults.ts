/** Does to the link, the server, the browser and the app what a plan says. */
import type { Page } from 'playwright-core';
import { go } from '../e2e/support/app.ts';
import { status } from '../e2e/support/device.ts';
import type { World } from '../e2e/support/scenario.ts';
import { lock, PASSPHRASE, unlock } from '../e2e/support/vault.ts';
import type { LifeFault, LinkFault, Plan, Step } from './plan.ts';

/** Room for the app's data on a disk that is full. */
const NO_ROOM = 1;
/** Tabs that are open at once, at most. */
const TABS = 3;

const pause = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms));

export class Faults {
  /** How often each was done. */
  readonly done = new Map<string, number>();
  /** The pages that are open and have an engine. */
  pages: Page[] = [];
  private over = false;

  constructor(private readonly world: World) {}

  /** Does all of it, one after another on either track, until it is told to stop. */
  async run({ link, life }: Plan): Promise<void> {
    await Promise.all([
      this.track(link, step => this.strain(step)),
      this.track(life, step => this.hit(step)),
    ]);
  }

  stop(): void {
    this.over = true;
  }

  /** The link and the server are well, and a page is open. */
  async mend(): Promise<Page> {
    const { device, server } = this.world;
    server.strain();
    await device.connect(true);
    if (this.pages.length === 0) await this.open();
    const [page] = this.pages;
    if (!page) throw new Error('the app does not open');
    if ((await status(page)).vault === 'locked') {
      await go(page, '/vault');
      await this.unlock(page);
    }
    return page;
  }

  private async track<Fault extends string>(
    steps: Step<Fault>[],
    doIt: (step: Step<Fault>) => Promise<boolean>,
  ): Promise<void> {
    for (const step of steps) {
      await pause(step.calm);
      if (this.over) return;
      if (await doIt(step)) this.done.set(step.fault, (this.done.get(step.fault) ?? 0) + 1);
    }
  }

  private async strain({ fault, lasts }: Step<LinkFault>): Promise<boolean> {
    const { device, server } = this.world;
    if (fault === 'down') await device.connect(false);
    else server.strain(fault);
    await pause(lasts);
    if (fault === 'down') await device.connect(true);
    else server.strain();
    return true;
  }

  /** Whether it could be done: there may be no tab to close. */
  private async hit({ fault, lasts }: Step<LifeFault>): Promise<boolean> {
    const { device, server } = this.world;
    switch (fault) {
      case 'serverKilled':
        await server.crash();
        return true;
      case 'newVersion':
        server.newVersion();
        return true;
      case 'browserKilled':
        this.pages = [];
        await device.kill();
        await pause(lasts);
        await device.boot();
        await this.open();
        return true;
      case 'tabOpened':
        return this.pages.length < TABS && this.open();
      case 'tabClosed': {
        if (this.pages.length < 2) return false;
        await this.pages.shift()?.close();
        return true;
      }
      case 'workerKilled': {
        const [page] = this.pages;
        if (!page || device.browser === 'firefox') return false; // nobody can tell it to
        await device.endWorkers(page);
        return true;
      }
      case 'diskFull': {
        const [page] = this.pages;
        return page !== undefined && device.fullFor(page, NO_ROOM, () => pause(lasts));
      }
      case 'locked':
        return this.lock(lasts);
    }
  }

  /** Opens the app; where it does not come, as with the network away and the worker gone, that is no fault of the plan. */
  private async open(): Promise<boolean> {
    try {
      this.pages.push(await this.world.device.open('/'));
      return true;
    } catch {
      return false;
    }
  }

  /** Locks the vault for a while, as its person does. */
  private async lock(lasts: number): Promise<boolean> {
    try {
      const page = await this.world.device.open('/vault');
      await lock(page);
      await pause(lasts);
      await this.unlock(page);
      await page.close();
      return true;
    } catch {
      return false; // the network was away before the page of the vault was kept, or the server was
    }
  }

  private async unlock(page: Page): Promise<void> {
    await unlock(page, PASSPHRASE, { keep: true });
    await page.getByRole('button', { name: 'Lock now' }).waitFor();
  }
}
