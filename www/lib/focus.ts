/** The element that has the focus, inside whichever shadows. */
export function focused(): Element | undefined {
  let found = document.activeElement;
  while (found?.shadowRoot?.activeElement) found = found.shadowRoot.activeElement;
  return found === null || found === document.body ? undefined : found;
}

/** Scrolls what has the focus out from under `cover`, where that lies over it; `towards` is where it comes out. */
export function uncover(cover: Element, towards: 'up' | 'down'): void {
  const field = focused();
  const over = cover.getBoundingClientRect();
  const under = field?.getBoundingClientRect();
  if (!under || over.height === 0) return;
  const beside = under.right <= over.left || under.left >= over.right;
  if (beside || under.bottom <= over.top || under.top >= over.bottom) return;
  const room = 8;
  scrollBy({ top: towards === 'down' ? under.top - over.bottom - room : under.bottom - over.top + room });
}
