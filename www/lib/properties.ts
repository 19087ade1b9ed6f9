import type { Reading } from './generated';

/** A meter of a unit, and the physical unit it counts in. */
export interface Meter {
  code: string;
  kind: string;
  unit: string;
}

/** A flat, shop or room. */
export interface Unit {
  code: string;
  name: string;
  meters: Meter[];
}

/** A building or site. */
export interface Property {
  code: string;
  name: string;
  units: Unit[];
}

let known: Promise<Property[]> | undefined;

/** What can be suggested while typing. Nothing depends on it: where it cannot be had, there is nothing to suggest. */
export function properties(): Promise<Property[]> {
  known ??= load().catch(() => {
    known = undefined;
    return [];
  });
  return known;
}

async function load(): Promise<Property[]> {
  const response = await fetch('/api/demo/properties', { headers: { accept: 'application/json' } });
  if (!response.ok) return [];
  const body: unknown = await response.json();
  return list(body, 'properties').map(property => ({
    ...named(property),
    units: list(property, 'units').map(unit => ({
      ...named(unit),
      meters: list(unit, 'meters').map(meter => ({
        code: text(meter, 'code'),
        kind: text(meter, 'kind'),
        unit: text(meter, 'unit'),
      })),
    })),
  }));
}

/** The meter that these codes mean, if it is known; without a meter's code, the unit's only one. */
export function meterOf(
  all: Property[],
  where: Pick<Reading, 'property' | 'unit'> & { meter?: string | undefined },
): Meter | undefined {
  const unit = unitOf(all, where);
  const code = where.meter?.trim();
  if (code) return unit?.meters.find(meter => meter.code === code);
  return unit?.meters.length === 1 ? unit.meters[0] : undefined;
}

/** The unit that these codes mean, if it is known. */
export function unitOf(all: Property[], where: { property: string; unit: string }): Unit | undefined {
  const property = all.find(one => one.code === where.property.trim());
  return property?.units.find(one => one.code === where.unit.trim());
}

function list(from: unknown, name: string): unknown[] {
  const found = typeof from === 'object' && from !== null && (from as Record<string, unknown>)[name];
  return Array.isArray(found) ? found : [];
}

function text(from: unknown, name: string): string {
  const found = typeof from === 'object' && from !== null && (from as Record<string, unknown>)[name];
  return typeof found === 'string' ? found : '';
}

const named = (from: unknown): { code: string; name: string } => ({
  code: text(from, 'code'),
  name: text(from, 'name'),
});
