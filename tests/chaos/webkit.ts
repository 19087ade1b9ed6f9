/**
 * fieldsync in WebKitGTK in a run of chaos: its one page, without a vault. The link and the server go wrong as elsewhere; what takes
 * a second tab, a worker that is ended or a browser that is killed is passed over, for its driver has no such thing, and what it
 * keeps on the disk goes with it.
 */
import type { Fieldsync } from '../../www/lib/client.ts';
import type { Draft } from '../../www/lib/generated.ts';
import type { World } from '../e2e/support/scenario.ts';
import type { Kept, Server } from '../e2e/support/server.ts';
import { atMost } from '../e2e/support/until.ts';
import type { WebKit } from '../e2e/support/webkit.ts';
import type { App, Left, Said } from './app.ts';
import { CALM, enqueue } from './ours.ts';

export class InWebKit implements App<WebKit> {
  readonly calm = atMost(CALM);
  readonly server: Server;
  private readonly page: WebKit;

  constructor({ device, server }: World<WebKit>) {
    this.page = device;
    this.server = server;
  }

  async install(): Promise<WebKit> {
    await this.page.open();
    await this.page.waitFor(() => navigator.serviceWorker.controller !== null);
    return this.page;
  }

  async open(): Promise<WebKit> {
    await this.page.open();
    return this.page;
  }

  enter(page: WebKit, draft: Draft): Promise<Said> {
    return page.evaluate<Said, Draft>(enqueue, draft);
  }

  async connect(state: boolean): Promise<void> {
    this.page.online(state);
  }

  async left(page: WebKit): Promise<Left> {
    const left = await page.evaluate(async () => {
      const { items } = await (globalThis.fieldsync as Fieldsync).list({ shelf: 'queue', limit: 500 });
      return items.map(({ id, state }) => ({ id, state }));
    });
    return { ids: left.map(({ id }) => id), busy: false, told: left.slice(0, 5) };
  }

  send(page: WebKit): Promise<void> {
    return page.evaluate(async () => {
      const client = globalThis.fieldsync as Fieldsync;
      for (const { id, state } of (await client.list({ shelf: 'queue', limit: 500 })).items)
        if (state === 'setAside') await client.retry(id);
      await client.syncNow();
    });
  }

  kept(): Kept[] {
    return this.server.export();
  }
}
