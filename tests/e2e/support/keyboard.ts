/** A person without a mouse: where the focus is, that it can be seen, and the way to a thing with Tab. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { atMost } from './until.ts';

export interface Focus {
  /** What a screen reader would call it, and its own text where it has no other name. */
  name: string;
  tag: string;
  /** Nothing has it. */
  lost: boolean;
  /** Why it cannot be seen, if it cannot. */
  hidden: string;
}

/** Where the focus is. */
export const focusOf = (page: Page): Promise<Focus> =>
  page.evaluate(() => {
    let at: Element | null = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    if (!at || at === document.body || !(at instanceof HTMLElement))
      return { name: '', tag: '', lost: true, hidden: '' };
    const root = at.getRootNode() as ShadowRoot;
    const ids = (at.getAttribute('aria-labelledby') ?? '').split(' ').filter(Boolean);
    const named = ids.map(id => root.getElementById(id)?.textContent ?? '').join(' ');
    const label = (at as HTMLInputElement).labels?.[0]?.textContent;
    const name = (at.ariaLabel || named || label || at.textContent || '').replace(/\s+/g, ' ').trim();
    const look = {
      own(under: Element | null): boolean {
        // What is drawn in its place counts, such as the label of a radio button.
        const label = at?.closest('label');
        return Boolean(under && (at?.contains(under) || under.contains(at) || label?.contains(under)));
      },
      /** What is drawn at a point, inside whichever shadows. */
      under([x, y]: readonly [number, number]): Element | null {
        let under = document.elementFromPoint(x, y);
        while (under?.shadowRoot) {
          const inner: Element | null = under.shadowRoot.elementFromPoint(x, y);
          if (!inner || inner === under) break;
          under = inner;
        }
        return under;
      },
    };
    const hidden = {
      get why(): string {
        if (!(at instanceof HTMLElement)) return '';
        const box = at.getBoundingClientRect();
        if (box.width === 0 || box.height === 0) return 'it has no size';
        // A heading that the focus is sent to is read out: it can do nothing, wears no ring, and a message may cover it.
        if (at.tabIndex < 0) return '';
        // The whole choice may wear it, in the place of its radio button.
        const ring = [at, at.closest('label')].some(one => {
          const style = one && getComputedStyle(one);
          return style && style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) >= 2;
        });
        if (!ring) return 'it wears no ring';
        const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
        const points = [
          [x, y],
          [x, box.top + 2],
          [x, box.bottom - 2],
          [box.left + 2, y],
          [box.right - 2, y],
        ] as const;
        const found = points.map(look.under);
        return found.some(look.own)
          ? ''
          : `it lies under ${found[0]?.localName ?? 'nothing'} at ${Math.round(y)} of ${innerHeight}`;
      },
    };
    return { name, tag: at.localName, lost: false, hidden: hidden.why };
  });

/** The focus is on something, and it can be seen which. */
export async function visibleFocus(page: Page, after: string): Promise<Focus> {
  const found = await focusOf(page);
  assert.equal(found.lost, false, `after ${after} nothing has the focus`);
  assert.equal(found.hidden, '', `after ${after}: ${found.tag} “${found.name}”: ${found.hidden}`);
  return found;
}

/** Presses a key, and looks where that led. */
export async function press(page: Page, key: string): Promise<Focus> {
  await page.keyboard.press(key);
  return visibleFocus(page, key);
}

/** Goes on with Tab, or back with Shift+Tab, to the thing of this name; every stop on the way must be seen. */
export async function tabTo(
  page: Page,
  name: string | RegExp,
  key: 'Tab' | 'Shift+Tab' = 'Tab',
): Promise<void> {
  const passed: string[] = [];
  for (let n = 0; n < 80; n++) {
    await page.keyboard.press(key);
    const at = await focusOf(page);
    // After the last thing comes the browser's own.
    if (at.lost) continue;
    assert.equal(at.hidden, '', `on the way to ${name}: ${at.tag} “${at.name}”: ${at.hidden}`);
    if (typeof name === 'string' ? at.name === name : name.test(at.name)) return;
    passed.push(at.name.slice(0, 30));
  }
  throw new Error(`${key} never came to ${name}; it passed ${passed.join(' | ')}`);
}

/** Waits until the focus has come to the thing of this name by itself, as after a move. */
export async function focusComesTo(page: Page, name: string | RegExp): Promise<void> {
  const end = Date.now() + atMost(30);
  for (;;) {
    const at = await focusOf(page);
    if (!at.lost && (typeof name === 'string' ? at.name === name : name.test(at.name))) break;
    if (Date.now() > end)
      throw new Error(`the focus did not come to ${name}; it is on ${JSON.stringify(at)}`);
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
  await visibleFocus(page, `coming to ${name}`);
}
