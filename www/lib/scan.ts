import type { Fieldsync } from './client';
import type { Item, ItemId, ListQuery } from './generated';

/** Items of one question. */
const PAGE = 500;

/** All items of a list, a page at a time: what is kept of them is the caller's to bound. */
export async function* pagesOf(
  client: Fieldsync,
  query: Omit<ListQuery, 'limit' | 'before'>,
): AsyncGenerator<Item[]> {
  let before: ItemId | undefined;
  do {
    const { items, next } = await client.list({ ...query, limit: PAGE, ...(before ? { before } : {}) });
    yield items;
    before = next;
  } while (before);
}
