/** fieldsync in a run of chaos: the app with its vault set up, and its server. */
import type { Page } from 'playwright-core';
import type { Fieldsync } from '../../www/lib/client.ts';
import type { Draft } from '../../www/lib/generated.ts';
import { go } from '../e2e/support/app.ts';
import { items, status, syncNow } from '../e2e/support/device.ts';
import type { World } from '../e2e/support/scenario.ts';
import type { Kept, Server } from '../e2e/support/server.ts';
import { atMost } from '../e2e/support/until.ts';
import { lock, PASSPHRASE, setUp, unlock } from '../e2e/support/vault.ts';
import { type App, InBrowser, type Left, type Said } from './app.ts';

/** Seconds in which everything has to be sent once nothing goes wrong any more. */
export const CALM = 300;

/** What the page answers to a draft. */
export async function enqueue(draft: Draft): Promise<Said> {
  try {
    const client = globalThis.fieldsync as Fieldsync;
    const { mime, bytes = '', of } = (draft.data ?? {}) as { mime?: string; bytes?: string; of?: string };
    // More than an entry may carry is attached as a file.
    const item =
      bytes.length > 65_536
        ? await client.attach(
            new Blob([Uint8Array.from(atob(bytes), letter => letter.charCodeAt(0))], { type: mime ?? '' }),
            of ? { of } : {},
          )
        : await client.enqueue(draft);
    return { item: { id: item.id, entityId: item.entityId } };
  } catch (error) {
    return { refused: String((error as { code?: string }).code ?? error) };
  }
}

export class Ours extends InBrowser implements App<Page> {
  readonly calm = atMost(CALM);
  readonly uploads = true;
  readonly server: Server;
  /** Refused too often by what stood between: each is sent again once, as a person would. */
  readonly again = new Set<string>();

  constructor({ device, server }: World) {
    super(device);
    this.server = server;
  }

  async install(): Promise<Page> {
    const page = await this.device.install();
    await setUp(page, { keep: true });
    return page;
  }

  open(): Promise<Page> {
    return this.device.open('/');
  }

  enter(page: Page, draft: Draft): Promise<Said> {
    return page.evaluate(enqueue, draft);
  }

  async mend(page: Page): Promise<void> {
    if ((await status(page)).vault !== 'locked') return;
    await go(page, '/vault');
    await this.unlock(page);
  }

  async left(page: Page): Promise<Left> {
    const left = await items(page, 'queue');
    return { ids: left.map(({ id }) => id), busy: false, told: left.slice(0, 5) };
  }

  async send(page: Page): Promise<void> {
    for (const { id, state } of await items(page, 'queue')) {
      if (state !== 'setAside' || this.again.has(id)) continue;
      this.again.add(id);
      await page.evaluate(id => globalThis.fieldsync?.retry(id), id);
    }
    await syncNow(page);
  }

  /** Photos that were uploaded stand with their bytes, as they were entered. */
  kept(): Kept[] {
    return this.server.export().map(kept => {
      const { sha256, size, ...data } = (kept.data ?? {}) as unknown as Record<string, unknown>;
      if (kept.kind !== 'media' || sha256 === undefined) return kept;
      const content = this.server.content({ sha256 });
      const bytes = content.length === size ? content.toString('base64') : 'of another length';
      return { ...kept, data: { ...data, bytes } } as unknown as Kept;
    });
  }

  /** Locks the vault for a while, as its person does. */
  async lock(meanwhile: () => Promise<void>): Promise<boolean> {
    try {
      const page = await this.device.open('/vault');
      await lock(page);
      await meanwhile();
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
