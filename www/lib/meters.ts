import { msg, str } from '@lit/localize';
import { month } from './format';
import type { OfMeter, Reading } from './generated';
import type { FormText } from './reading-draft';
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

/** The meter that the codes mean: as typed; a unit's only one may have been read under its code. */
export function asMeters(
  { property, unit, meter, period }: Pick<FormText, 'property' | 'unit' | 'meter' | 'period'>,
  known: Meter | undefined,
): OfMeter[] {
  const when = month(period.trim()) ? { period: period.trim() } : {};
  const where = { property: property.trim(), unit: unit.trim(), ...when };
  if (!where.property || !where.unit) return [];
  const code = meter.trim();
  if (code) return [{ ...where, meter: code }];
  return known ? [where, { ...where, meter: known.code }] : [where];
}

/** Which meter is asked for, where a unit has more than one. */
export const several = (meters: Meter[]): string =>
  meters.length > 1
    ? msg(str`One of ${meters.map(meter => meter.code).join(', ')}`)
    : msg('If there are several');
