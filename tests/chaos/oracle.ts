/** Holds what the server has in the end against what people were told is saved. It asks neither the app nor its engine. */
import { deepStrictEqual } from 'node:assert/strict';
import type { Kept } from '../e2e/support/server.ts';
import { type Entered, headOf } from './writer.ts';

export interface Verdict {
  /** Items that were called saved. */
  saved: number;
  /** Items of which the server has a receipt. */
  arrived: number;
  /** Of those the ones that nobody had called saved: the page was gone before it could. */
  unsaid: number;
  /** Items that were called saved, and are neither on the server nor on the device. */
  lost: string[];
  /** Records that are not on the server, or are another than they were left as. */
  altered: string[];
  /** What is there twice: receipts of an item, records of an entry, versions of a record. */
  twice: string[];
  /** Records whose changes did not come in the order in which they were made. */
  disordered: string[];
  /** Items that were called saved, and are still on the device. */
  stuck: string[];
}

const short = (entry: Entered) => `${entry.kind} ${entry.mark}${entry.item ? ` (${entry.item.id})` : ''}`;

/** What a server's export says, against what was entered; `left` are the items that the device still has. */
export function judge(entered: Entered[], kept: Kept[], left: string[] = []): Verdict {
  const receipts = kept.filter(({ kind }) => kind === 'receipt');
  const records = kept.filter(({ kind }) => kind !== 'receipt');
  const saved = entered.filter(({ item }) => item);
  const versions = new Map<string, number[]>();
  for (const { itemId = '', version = 0 } of receipts)
    versions.set(itemId, [...(versions.get(itemId) ?? []), version]);
  const known = new Set(saved.map(({ item }) => item?.id));
  const verdict: Verdict = {
    saved: saved.length,
    arrived: versions.size,
    unsaid: [...versions.keys()].filter(id => !known.has(id)).length,
    lost: [],
    altered: [],
    twice: [],
    disordered: [],
    stuck: [],
  };

  for (const [id, all] of versions)
    if (all.length > 1) verdict.twice.push(`item ${id}: ${all.length} receipts`);
  for (const entry of saved) {
    const id = entry.item?.id ?? '';
    if (versions.has(id)) continue;
    if (left.includes(id)) verdict.stuck.push(short(entry));
    else verdict.lost.push(`${short(entry)}: no receipt`);
  }

  verdict.twice.push(...doubled(entered, records));
  const byEntity = new Map(records.map(record => [record.entityId, record]));
  for (const first of saved.filter(({ changes }) => !changes)) {
    const entity = first.item?.entityId;
    const record = byEntity.get(entity);
    const changes = entered.filter(({ changes }) => changes === entity);
    if (!record) verdict.altered.push(`${short(first)}: no record`);
    else if (!lastOf(first, changes).some(({ data }) => isSame(data, record.data))) {
      verdict.altered.push(
        `${short(first)}: its record is another: ${JSON.stringify(record.data)?.slice(0, 200)}`,
      );
    }
    // At most as many as there are receipts for, and entries of which nobody knows whether they were saved.
    const most = [first, ...changes].filter(({ item }) => !item || versions.has(item.id)).length;
    if ((record?.version ?? 0) > most)
      verdict.twice.push(`${short(first)}: version ${record?.version} of ${most} items`);
    // What came twice is told as that.
    const order = [first, ...changes].flatMap(({ item }) => versions.get(item?.id ?? '')?.slice(0, 1) ?? []);
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
      const sought = { READING: `"unit":"${entry.data.unit}"`, MEDIA: headOf(entry.mark) }[
        entry.kind as string
      ];
      const quoted = sought ?? `"${entry.mark}"`;
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
