import { asCallError, connect } from './client';
import type { Item, ItemId, ListQuery } from './generated';
import { live } from './live';

/** Items of the first question, so that something is soon to be seen; and of every later one. */
const FIRST = 100;
const PAGE = 500;

/** A stretch of the list: all items older than `start` down to `end`, as they were at a revision of the device. */
interface Stretch<R> {
  start: ItemId | undefined;
  end: ItemId | undefined;
  rows: R[];
  revision: number;
}

/**
 * A list of any length, of which only what is looked at is asked of the engine, and kept as small rows. When something
 * changes on the device only the stretches in view are asked for again.
 */
export class Paged<R> {
  rows: R[] = [];
  /** Items looked at so far, whether they are shown or not. */
  looked = 0;
  /** Whether there may be more of them. */
  more = true;
  failure = '';
  /** Whether the first answer is there. */
  ready = false;

  #stretches: Stretch<R>[] = [];
  #next: ItemId | undefined;
  #wanted = { from: 0, to: 0 };
  #running = false;
  #over = false;

  /** `make` makes a row of an item, or leaves it out. */
  constructor(
    private readonly query: Omit<ListQuery, 'limit' | 'before'>,
    private readonly make: (item: Item) => R | undefined,
    private readonly changed: () => void,
  ) {}

  /** Sees to it that the rows from one to another are there and fresh. */
  want(from: number, to: number): void {
    this.#wanted = { from, to };
    if (!this.#running) void this.#run();
  }

  /** Nobody looks any more. */
  close(): void {
    this.#over = true;
  }

  async #run(): Promise<void> {
    this.#running = true;
    try {
      for (let work = this.#work(); work && !this.#over; work = this.#work()) {
        await work;
        this.failure = '';
        this.ready = true;
        this.rows = this.#stretches.flatMap(({ rows }) => rows);
        if (!this.#over) this.changed();
      }
    } catch (error) {
      this.failure = asCallError(error).message;
      if (!this.#over) this.changed();
    } finally {
      this.#running = false;
    }
  }

  /** What is to be asked next, if anything. */
  #work(): Promise<void> | undefined {
    const { from, to } = this.#wanted;
    let row = 0;
    for (const stretch of this.#stretches) {
      const seen = row <= to && row + stretch.rows.length >= from;
      if (seen && stretch.revision !== live.revision) return this.#refresh(stretch);
      row += stretch.rows.length;
    }
    const enough = row > to || !this.more;
    return enough && this.#stretches.length > 0 ? undefined : this.#load();
  }

  async #load(): Promise<void> {
    const { revision } = live;
    const start = this.#next;
    const limit = start ? PAGE : FIRST;
    const { items, next } = await (await connect()).list({
      ...this.query,
      limit,
      ...(start ? { before: start } : {}),
    });
    this.#next = next;
    this.more = next !== undefined;
    this.looked += items.length;
    this.#stretches.push({ start, end: next, rows: this.#rows(items), revision });
  }

  async #refresh(stretch: Stretch<R>): Promise<void> {
    const { revision } = live;
    const client = await connect();
    const found: Item[] = [];
    let before = stretch.start;
    for (;;) {
      const page = await client.list({ ...this.query, limit: PAGE, ...(before ? { before } : {}) });
      const { end } = stretch;
      const inside = end ? page.items.filter(({ id }) => id >= end) : page.items;
      found.push(...inside);
      if (!page.next || inside.length < page.items.length) break;
      before = page.next;
      if (end && before <= end) break;
    }
    stretch.rows = this.#rows(found);
    stretch.revision = revision;
  }

  #rows(items: Item[]): R[] {
    return items.flatMap(item => this.make(item) ?? []);
  }
}
