/**
 * What goes through chaos: an app, its server and its browser, as whoever makes things go wrong sees them. Ours (ours.ts) and a
 * peer's (peer.ts) are played by the same plan, the same writer and the same judge. What an app does not have, such as a vault, is
 * absent: the plan's step is then passed over, and the others stay where they are.
 */
import type { Page } from 'playwright-core';
import type { Draft } from '../../www/lib/generated.ts';
import type { Device } from '../e2e/support/device.ts';
import type { Strain } from '../e2e/support/relay.ts';
import type { Kept } from '../e2e/support/server.ts';

/** What an app says of an entry: that it is saved, and under which ids; or why not. */
export type Said = { item: { id: string; entityId: string } } | { refused: string };

/** What is on the device and not yet sent. */
export interface Left {
  /** The items' ids. */
  ids: string[];
  /** Whether anything is on its way. */
  busy: boolean;
  /** What else there is to say of the first of them, for whoever looks for the reason. */
  told?: unknown;
}

/** A server that can be done something to. */
export interface Troubled {
  /** Does something to all that goes by, until it is called with nothing. */
  strain(strain?: Strain): void;
  /** Ends it as a power cut would, and starts it again. */
  crash(): Promise<void>;
  /** A new version of the app is there. */
  newVersion?(): void;
}

/** An app under test; `Tab` is what its browser calls a page of it. */
export interface App<Tab> {
  readonly server: Troubled;
  /** Milliseconds in which everything has to be sent once nothing goes wrong any more. */
  readonly calm: number;
  /** Whether photos may be too large for their entry. */
  readonly uploads?: boolean;
  /** Opens it for the first time, and makes it ready for offline use. */
  install(): Promise<Tab>;
  /** Opens it once more. */
  open(): Promise<Tab>;
  enter(tab: Tab, draft: Draft): Promise<Said>;
  /** The link goes, or comes back. */
  connect(state: boolean): Promise<void>;
  /** Makes an app usable again that was left in whichever state. */
  mend?(tab: Tab): Promise<void>;
  left(tab: Tab): Promise<Left>;
  /** Has it send what it has, as a person would who waits for it. */
  send(tab: Tab): Promise<void>;
  /** What the server has, in the words of `fieldsync-server export`. */
  kept(): Kept[];

  // What else can happen; each answers whether it did.
  close?(tab: Tab): Promise<void>;
  /** SIGKILL, and started again on what is left on the disk. */
  killBrowser?(meanwhile: () => Promise<void>): Promise<void>;
  killWorker?(tab: Tab): Promise<boolean>;
  fillDisk?(tab: Tab, meanwhile: () => Promise<void>): Promise<boolean>;
  lock?(meanwhile: () => Promise<void>): Promise<boolean>;
}

/** Room for the app's data on a disk that is full. */
const NO_ROOM = 1;

/** What any app in Chromium or Firefox has in common. */
export abstract class InBrowser {
  constructor(protected readonly device: Device) {}

  connect(state: boolean): Promise<void> {
    return this.device.connect(state);
  }

  close(tab: Page): Promise<void> {
    return tab.close();
  }

  async killBrowser(meanwhile: () => Promise<void>): Promise<void> {
    await this.device.kill();
    await meanwhile();
    await this.device.boot();
  }

  async killWorker(tab: Page): Promise<boolean> {
    if (this.device.browser === 'firefox') return false; // nobody can tell it to
    await this.device.endWorkers(tab);
    return true;
  }

  fillDisk(tab: Page, meanwhile: () => Promise<void>): Promise<boolean> {
    return this.device.fullFor(tab, NO_ROOM, meanwhile);
  }
}
