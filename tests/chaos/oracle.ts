/** Holds what the server has in the end against what people were told is saved. It asks neither the app nor its engine. */
import { deepStrictEqual } from 'node:assert/strict';
import type { Kept } from '../e2e/support/server.ts';
import type { Entered } from './writer.ts';

export interface Verdict {
  /** What was called saved. */
  saved: number;
  /** What the server has a receipt for. */
  synced: number;
  /** What was called saved and is not on the server: an item without a receipt, a record that is not there or is another. */
  lost: string[];
  /** What is there twice. */
  twice: string[];
  /** Records whose changes did not come in the order in which they were made. */
  disordered: string[];
}

const short = (entry: Entered) => `${entry.kind} ${entry.mark}${entry.item ? ` (${entry.item.id})` : ''}`;

/** What `fieldsync-server export` says, against what was entered. */
export function judge(entered: Entered[], kept: Kept[]): Verdict {
  const receipts = kept.filter(({ kind }) => kind === 'receipt');
  const records = kept.filter(({ kind }) => kind !== 'receipt');
  const saved = entered.filter(({ item }) => item);
  const verdict: Verdict = {
    saved: saved.length,
    synced: receipts.length,
    lost: [],
    twice: [],
    disordered: [],
  };

  const versions = new Map<string, number[]>();
  for (const { itemId = '', version = 0 } of receipts)
    versions.set(itemId, [...(versions.get(itemId) ?? []), version]);
  for (const [id, all] of versions)
    if (all.length > 1) verdict.twice.push(`item ${id}: ${all.length} receipts`);
  for (const entry of saved)
    if (!versions.has(entry.item?.id ?? '')) verdict.lost.push(`${short(entry)}: no receipt`);

  verdict.twice.push(...doubled(entered, records));
  const byEntity = new Map(records.map(record => [record.entityId, record]));
  for (const first of saved.filter(({ changes }) => !changes)) {
    const entity = first.item?.entityId;
    const record = byEntity.get(entity);
    const changes = entered.filter(({ changes }) => changes === entity);
    if (!record) verdict.lost.push(`${short(first)}: no record`);
    else if (!lastOf(first, changes).some(({ data }) => isSame(data, record.data))) {
      verdict.lost.push(
        `${short(first)}: its record is another: ${JSON.stringify(record.data)?.slice(0, 200)}`,
      );
    }
    const order = [first, ...changes].flatMap(({ item }) => (item ? (versions.get(item.id) ?? []) : []));
    if (order.some((version, at) => version <= (order[at - 1] ?? 0))) {
      verdict.disordered.push(`${short(first)}: versions ${order.join(', ')}`);
    }
  }
  return verdict;
}

/** What a record may be in the end: as it was left last, or as one of those left it of whom nobody knows whether they were saved. */
function lastOf(first: Entered, changes: Entered[]): Entered[] {
  const all = [first, ...changes];
  const last = all.findLastIndex(({ item }) => item);
  return [all[last] as Entered, ...all.slice(last + 1)];
}

/** Every record that was made has a mark of its own, which no other record may have, whatever ids they go by. */
function doubled(entered: Entered[], records: Kept[]): string[] {
  const marks = records.map(({ kind, data }) => ({ kind, text: JSON.stringify(data) }));
  return entered
    .filter(({ changes }) => !changes)
    .flatMap(entry => {
      const sought = entry.kind === 'READING' ? `"unit":"${entry.data.unit}"` : entry.mark;
      const quoted = entry.kind === 'ASSESSMENT' ? `"${sought}"` : sought;
      const found = marks.filter(
        ({ kind, text }) => kind === entry.kind.toLowerCase() && text?.includes(quoted),
      );
      return found.length > 1 ? [`${short(entry)}: ${found.length} records`] : [];
    });
}

function isSame(one: unknown, other: unknown): boolean {
  try {
    deepStrictEqual(one, other);
    return true;
  } catch {
    return false;
  }
}
