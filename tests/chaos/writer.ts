/**
 * Somebody who enters things all the while, whatever happens. What the page has called saved is written down here, outside the
 * browser, and is what the server must have in the end.
 */
import type { Draft } from '../../www/lib/generated.ts';
import { within } from '../e2e/support/until.ts';
import type { App } from './app.ts';
import { between, numbers, oneOf } from './plan.ts';

/** One thing that was entered. Nobody knows of one without `item` whether it was saved: the page was gone before it said so. */
export interface Entered {
  /** Stands in the record, so that it is known again on the server. */
  mark: string;
  kind: 'READING' | 'ASSESSMENT' | 'MEDIA';
  /** Of the record, where it is a change of one that was saved before. */
  changes?: string;
  item?: { id: string; entityId: string };
  data: Record<string, unknown>;
}

/** Seconds after which a page that says nothing counts as gone. */
const SILENT = 20;
/** Of all entries so many in a hundred are changes, assessments, photos; the rest are readings. */
const CHANGES = 25;
const ASSESSMENTS = 15;
const PHOTOS = 5;
/** Letters of a photo's bytes in base64: as much as goes with its record, and as many as are uploaded. */
const PHOTO = 20_000;
const LARGE_PHOTO = 300_000;

/** What a photo begins with, as text in base64: of no two alike. */
export const headOf = (mark: string): string => Buffer.from(`${mark};`.padEnd(18)).toString('base64');

export class Writer<Tab> {
  /** All that was entered, in that order. */
  readonly entered: Entered[] = [];
  /** Why entries were refused, and how often: a full disk, an engine that was going. */
  readonly refused = new Map<string, number>();
  private readonly next: () => number;
  private over = false;

  constructor(
    seed: number,
    private readonly app: Pick<App<Tab>, 'enter' | 'uploads'>,
    /** The pages that are open now. */
    private readonly tabs: () => Tab[],
    /** Milliseconds between two entries, at most. */
    private readonly pause: number,
  ) {
    this.next = numbers(seed + 2);
  }

  /** Enters until it is told to stop. */
  async run(): Promise<void> {
    while (!this.over) {
      const tabs = this.tabs();
      if (tabs.length > 0) await this.enter(oneOf(this.next, tabs));
      await new Promise(resolve => setTimeout(resolve, between(this.next, 0, this.pause)));
    }
  }

  stop(): void {
    this.over = true;
  }

  private async enter(tab: Tab): Promise<void> {
    const { entry, draft } = this.make();
    this.entered.push(entry);
    // A page that went while it was asked says nothing: whether it had saved is not known.
    const said = await within('the page answers', SILENT, this.app.enter(tab, draft)).catch(() => undefined);
    if (!said) return;
    if ('item' in said) entry.item = said.item;
    else this.refused.set(said.refused, (this.refused.get(said.refused) ?? 0) + 1);
  }

  private make(): { entry: Entered; draft: Draft } {
    const n = this.entered.length;
    const mark = `chaos ${n}`;
    const saved = this.entered.filter(({ item, kind, changes }) => item && kind === 'READING' && !changes);
    const kind = this.next() * 100;
    const of = saved.length > 0 ? oneOf(this.next, saved.slice(-50)) : undefined;
    const entityId = of?.item?.entityId as string;
    if (of && kind < CHANGES) {
      const data = { ...of.data, note: mark };
      const draft = { type: 'READING', action: 'UPDATE', entityId, data } as Draft;
      return { entry: { mark, kind: 'READING', changes: entityId, data }, draft };
    }
    if (of && kind < CHANGES + PHOTOS) {
      const letters = this.app.uploads && this.next() < 0.5 ? LARGE_PHOTO : PHOTO;
      const data = { mime: 'image/jpeg', bytes: headOf(mark).padEnd(letters, 'A'), of: entityId };
      return { entry: { mark, kind: 'MEDIA', data }, draft: { type: 'MEDIA', data } as Draft };
    }
    if (kind < CHANGES + PHOTOS + ASSESSMENTS) {
      const answers = { water: this.next() < 0.5, words: 'road bridge clinic north '.repeat(8) };
      const data = { site: mark, kind: 'WASH', population: between(this.next, 1, 9_000), answers };
      return { entry: { mark, kind: 'ASSESSMENT', data }, draft: { type: 'ASSESSMENT', data } as Draft };
    }
    const data = { property: 'P-9', unit: `C${n}`, period: '2026-11', value: n, readAt: 1, note: mark };
    return { entry: { mark, kind: 'READING', data }, draft: { type: 'READING', data } as Draft };
  }
}
