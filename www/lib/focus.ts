/** The element that has the focus, inside whichever shadows. */
export function focused(): Element | undefined {
  let found = document.activeElement;
  while (found?.shadowRoot?.activeElement) found = found.shadowRoot.activeElement;
  return found === null || found === document.body ? undefined : found;
}

/** Keys and presses so far. */
let acts = 0;
const count = () => {
  acts += 1;
};
for (const act of ['keydown', 'pointerdown']) addEventListener(act, count, { capture: true });

/** What gets the focus once it is there; who has done something else by then has gone on, and is not called back. */
export class Awaited<T> {
  #what: T | undefined;
  #since = 0;

  set(what: T | undefined): void {
    this.#what = what;
    this.#since = acts;
  }

  get(): T | undefined {
    return this.#since === acts ? this.#what : undefined;
  }
}

/** What has the focus and the cover that lies over it, as they are on the screen. */
function overlap(cover: Element): { over: DOMRect; under: DOMRect } | undefined {
  const over = cover.getBoundingClientRect();
  const under = focused()?.getBoundingClientRect();
  if (!under || over.height === 0) return undefined;
  const beside = under.right <= over.left || under.left >= over.right;
  return beside || under.bottom <= over.top || under.top >= over.bottom ? undefined : { over, under };
}

/** What scrolls and holds what has the focus: the innermost first, the page itself last. */
function* scrollers(): Generator<Element> {
  let at: Element | null | undefined = focused();
  while (at) {
    if (at.scrollHeight > at.clientHeight && /auto|scroll/.test(getComputedStyle(at).overflowY)) yield at;
    const root = at.getRootNode();
    at = at.assignedSlot ?? at.parentElement ?? (root instanceof ShadowRoot ? root.host : undefined);
  }
  if (document.scrollingElement) yield document.scrollingElement;
}

/**
 * Scrolls what has the focus out from under `cover`, where that lies over it; `towards` is where it comes out. Answers whether
 * it is out, for at the end of a page there is nowhere to scroll to.
 */
export function uncover(cover: Element, towards: 'up' | 'down'): boolean {
  const room = 8;
  for (const scroller of scrollers()) {
    const found = overlap(cover);
    if (!found) return true;
    const { over, under } = found;
    const top = towards === 'down' ? under.top - over.bottom - room : under.bottom - over.top + room;
    scroller.scrollBy({ top, behavior: 'instant' });
  }
  return !overlap(cover);
}
