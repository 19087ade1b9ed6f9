import { describe } from './describe';
import type { Item, ItemId, ItemState, ItemType, Millis, Priority } from './generated';
import { type Standing, standing } from './standing';

/** What a list keeps of an item: little, because there may be a hundred thousand of them. */
export interface Row {
  id: ItemId;
  type: ItemType;
  state: ItemState;
  urgency: Priority;
  title: string;
  value: string;
  sort: string;
  at: Millis;
  standing: Standing;
}

export function rowOf(item: Item): Row {
  const { id, type, state, urgency, createdAt } = item;
  const at = item.receipt?.at ?? createdAt;
  return { id, type, state, urgency, at, ...describe(item), standing: standing(item, true) };
}

/** Whether a row has what someone looks for in its words, however it is written. */
export function has(item: Item, row: Row, text: string): boolean {
  if (!text) return true;
  const note = (item.data as { note?: unknown } | null)?.note;
  const all = `${row.title} ${row.value} ${row.sort} ${row.id} ${typeof note === 'string' ? note : ''}`;
  return text
    .toLowerCase()
    .split(/\s+/)
    .every(word => all.toLowerCase().includes(word));
}
