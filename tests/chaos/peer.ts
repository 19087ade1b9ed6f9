/** A peer's app in a run of chaos: a page that posts each entry, and a worker (tests/peers/chaos) that sees to it. */
import type { Page } from 'playwright-core';
import type { Draft } from '../../www/lib/generated.ts';
import type { Device } from '../e2e/support/device.ts';
import type { World } from '../e2e/support/scenario.ts';
import type { Kept } from '../e2e/support/server.ts';
import { type App, InBrowser, type Left, type Said } from './app.ts';
import type { Journal } from './journal.ts';

/** Exactly five minutes: what a peer has not sent by then is told as stuck, and not waited for. */
const CALM = 300_000;

/** What the page answers to a draft: an app of its own gives its entries ids of its own. */
async function post(draft: Draft): Promise<Said> {
  const { type, data, entityId } = draft as { type: string; data: unknown; entityId?: string };
  const id = crypto.randomUUID();
  const item = { id, entityId: entityId ?? id };
  try {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch('/items', {
      method: 'POST',
      headers,
      body: JSON.stringify({ ...item, type, data }),
    });
    return answer.ok ? { item } : { refused: `${answer.status}` };
  } catch (error) {
    return { refused: (error as Error).name };
  }
}

/** Asks the worker. */
const ask = <T>(page: Page, what: 'left' | 'send'): Promise<T> =>
  page.evaluate(async what => {
    const { active } = await navigator.serviceWorker.ready;
    const { port1, port2 } = new MessageChannel();
    const answer = new Promise(resolve => {
      port1.onmessage = ({ data }) => resolve(data);
    });
    active?.postMessage(what, [port2]);
    return answer;
  }, what) as Promise<T>;

export class Peer extends InBrowser implements App<Page> {
  readonly calm = CALM;
  readonly server: Journal;

  constructor({ device, server }: World<Device, Journal>) {
    super(device);
    this.server = server;
  }

  install(): Promise<Page> {
    return this.open();
  }

  async open(): Promise<Page> {
    const page = await this.device.visit('/');
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    return page;
  }

  enter(page: Page, draft: Draft): Promise<Said> {
    return page.evaluate(post, draft);
  }

  left(page: Page): Promise<Left> {
    return ask(page, 'left');
  }

  send(page: Page): Promise<void> {
    return ask(page, 'send');
  }

  /** What came has a receipt each time it came; a record is as it came last. */
  kept(): Kept[] {
    const came = this.server.came();
    const records = new Map(came.map(({ entityId, type, data }) => [entityId, { type, data }]));
    return [
      ...came.map(({ id }, at): Kept => ({ kind: 'receipt', itemId: id, version: at + 1 })),
      ...[...records].map(
        ([entityId, { type, data }]): Kept => ({
          kind: type.toLowerCase() as Kept['kind'],
          entityId,
          data,
        }),
      ),
    ];
  }
}
