import food from '../../crate/server/forms/food.json';
import health from '../../crate/server/forms/health.json';
import population from '../../crate/server/forms/population.json';
import response from '../../crate/server/forms/response.json';
import security from '../../crate/server/forms/security.json';
import shelter from '../../crate/server/forms/shelter.json';
import wash from '../../crate/server/forms/wash.json';
import { type FormName, keptForms } from './forms';
import { Form } from './schema';

/** As they are built into the server, for a first day without a network. */
const BUILT_IN: Record<FormName, unknown> = {
  HEALTH: health,
  WASH: wash,
  SHELTER: shelter,
  FOOD: food,
  SECURITY: security,
  POPULATION: population,
  RESPONSE: response,
};

/** The kinds of assessments, in the order in which they are offered. */
export const KINDS = Object.keys(BUILT_IN).filter(name => name !== 'RESPONSE') as Exclude<
  FormName,
  'RESPONSE'
>[];

export const isForm = (name: unknown): name is FormName =>
  typeof name === 'string' && Object.hasOwn(BUILT_IN, name);

/** A form as it is now, for one who begins with it: the server's own, else the one that came with the app. */
export async function currentForm(name: FormName): Promise<Form> {
  const kept = (await keptForms())?.forms[name];
  try {
    if (kept) return new Form(kept);
  } catch {
    // A form that this version of the app cannot read; the one that it came with serves.
  }
  return new Form(BUILT_IN[name]);
}

/** What the forms of the assessments are called, and say of themselves. */
export async function offered(): Promise<{ kind: (typeof KINDS)[number]; form: Form }[]> {
  return Promise.all(KINDS.map(async kind => ({ kind, form: await currentForm(kind) })));
}
