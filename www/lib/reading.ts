import type { Item, Reading } from './generated';

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** `data` as a reading, where it has the shape of one. It may come from the server, so nothing is taken for granted. */
export function asReading(data: unknown): Reading | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const { property, unit, meter, period, value, readAt, reader, note } = data as Record<string, unknown>;
  if (typeof property !== 'string' || typeof unit !== 'string') return undefined;
  if (typeof period !== 'string' || typeof value !== 'number') return undefined;
  const reading: Reading = { property, unit, period, value, readAt: typeof readAt === 'number' ? readAt : 0 };
  const optional = { meter: text(meter), reader: text(reader), note: text(note) };
  for (const [name, given] of Object.entries(optional)) if (given) Object.assign(reading, { [name]: given });
  return reading;
}

/** An item's reading. */
export const readingOf = (item: Item): Reading | undefined => asReading(item.data);

/** What the server has in place of a conflicting item. */
export function serverReading(item: Item): Reading | undefined {
  const other = item.serverItem;
  if (typeof other !== 'object' || other === null) return undefined;
  return asReading((other as { data?: unknown }).data) ?? asReading(other);
}
