/** Does to the link, the server, the browser and the app what a plan says. */
import type { App } from './app.ts';
import type { LifeFault, LinkFault, Plan, Step } from './plan.ts';

/** Tabs that are open at once, at most. */
const TABS = 3;

const pause = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms));

export class Faults<Tab> {
  /** How often each was done. */
  readonly done = new Map<string, number>();
  /** The pages that are open and have their app. */
  tabs: Tab[] = [];
  private over = false;

  constructor(private readonly app: App<Tab>) {}

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
  async mend(): Promise<Tab> {
    const { app } = this;
    app.server.strain();
    await app.connect(true);
    if (this.tabs.length === 0) await this.open();
    const [tab] = this.tabs;
    if (!tab) throw new Error('the app does not open');
    await app.mend?.(tab);
    return tab;
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
    const { app } = this;
    if (fault === 'down') await app.connect(false);
    else app.server.strain(fault);
    await pause(lasts);
    if (fault === 'down') await app.connect(true);
    else app.server.strain();
    return true;
  }

  /** Whether it could be done: there may be no tab to close, or the app may not have what it is done to. */
  private async hit({ fault, lasts }: Step<LifeFault>): Promise<boolean> {
    const { app } = this;
    const [tab] = this.tabs;
    const meanwhile = () => pause(lasts);
    switch (fault) {
      case 'serverKilled':
        await app.server.crash();
        return true;
      case 'newVersion':
        if (!app.server.newVersion) return false;
        app.server.newVersion();
        return true;
      case 'browserKilled':
        if (!app.killBrowser) return false;
        this.tabs = [];
        await app.killBrowser(meanwhile);
        await this.open();
        return true;
      case 'tabOpened':
        return app.close !== undefined && this.tabs.length < TABS && this.open();
      case 'tabClosed': {
        if (!app.close || this.tabs.length < 2) return false;
        await app.close(this.tabs.shift() as Tab);
        return true;
      }
      case 'workerKilled':
        return (tab && (await app.killWorker?.(tab))) ?? false;
      case 'diskFull':
        return (tab && (await app.fillDisk?.(tab, meanwhile))) ?? false;
      case 'locked':
        return (await app.lock?.(meanwhile)) ?? false;
    }
  }

  /** Opens the app; where it does not come, as with the network away and the worker gone, that is no fault of the plan. */
  private async open(): Promise<boolean> {
    try {
      this.tabs.push(await this.app.open());
      return true;
    } catch {
      return false;
    }
  }
}
