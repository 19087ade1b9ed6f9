import { connect } from './client';
import type { Item, ItemId, Period, Reading } from './generated';
import type { Meter, Property, Unit } from './meters';
import { asReading } from './reading';
import { pagesOf } from './scan';

/** A meter on the route, and its reading of the month, if it has one. */
export interface Stop {
  property: Property;
  unit: Unit;
  meter: Meter;
  reading?: Reading;
  /** The reading waits on this device, as this item. */
  waits?: ItemId;
}

const keyOf = ({ property, unit, meter = '' }: Pick<Reading, 'property' | 'unit' | 'meter'>): string =>
  JSON.stringify([property, unit, meter]);

/** Every known meter, in the order of the list, with what has been read in this month: here, and as the server was known to have it. */
export async function stopsOf(properties: Property[], period: Period): Promise<Stop[]> {
  const read = await readIn(period);
  return properties.flatMap(property =>
    property.units.flatMap(unit =>
      unit.meters.map(meter => {
        const where = { property: property.code, unit: unit.code };
        // A unit's only meter may have been read without its code.
        const found =
          read.get(keyOf({ ...where, meter: meter.code })) ??
          (unit.meters.length === 1 ? read.get(keyOf(where)) : undefined);
        return { property, unit, meter, ...found };
      }),
    ),
  );
}

async function readIn(period: Period): Promise<Map<string, Pick<Stop, 'reading' | 'waits'>>> {
  const client = await connect();
  const read = new Map<string, Pick<Stop, 'reading' | 'waits'>>();
  const add = (data: unknown, waits?: Item) => {
    const reading = asReading(data);
    if (reading?.period !== period) return;
    read.set(keyOf(reading), { reading, ...(waits ? { waits: waits.id } : {}) });
  };
  let after: ItemId | undefined;
  do {
    const page = await client.records({ type: 'READING', limit: 500, ...(after ? { after } : {}) });
    for (const { data } of page.records) add(data);
    after = page.next;
  } while (after);
  // What is done may not have come back from the server yet; what waits is newer than either.
  const done = await client.list({ shelf: 'done', limit: 500 });
  for (const item of done.items) {
    const reading = asReading(item.data);
    if (reading && !item.receipt?.yielded && !read.has(keyOf(reading))) add(item.data);
  }
  for await (const items of pagesOf(client, { shelf: 'queue' })) {
    for (const item of items) if (item.type === 'READING' && item.action !== 'DELETE') add(item.data, item);
  }
  return read;
}
