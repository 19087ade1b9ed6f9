import type { Reading } from './generated';
import type { Meter, Property, Unit } from './server-calls';

export type { Meter, Property, Unit };

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
