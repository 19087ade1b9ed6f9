import type { Item } from './generated';
import { asReading } from './reading';

/** Where an item can be corrected or changed: the form that made it, if the app has one for it. */
export function correctable({ id, type, action, state, data, receipt }: Item): string | undefined {
  if (action === 'DELETE') return undefined;
  if (type === 'READING') return state !== 'done' && asReading(data) ? `/?correct=${id}` : undefined;
  const filled = type === 'ASSESSMENT' || type === 'RESPONSE';
  return filled && state !== 'conflict' && !receipt?.yielded ? `/assess/form?item=${id}` : undefined;
}
