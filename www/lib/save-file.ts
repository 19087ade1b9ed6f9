import type { Fieldsync } from './client';
import type { ListQuery } from './generated';
import { pagesOf } from './scan';

/** Hands a file to the person, as the browser does with downloads. */
function save(name: string, parts: BlobPart[]): void {
  const url = URL.createObjectURL(new Blob(parts, { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has begun by the time the address goes.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Hands a text to the person as a file. */
export const saveText = (what: string, text: string): void => save(fileName(what), [text]);

/** `fieldsync-unsent-2026-11-21-1402.json` */
function fileName(what: string): string {
  const now = new Date();
  const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString();
  return `fieldsync-${what}-${local.slice(0, 10)}-${local.slice(11, 16).replace(':', '')}.json`;
}

/** Saves all items of a shelf as a file, a page at a time, and answers how many. */
export async function saveItems(
  client: Fieldsync,
  query: Pick<ListQuery, 'shelf'>,
  what: string,
): Promise<number> {
  const parts: string[] = [
    `{"app":"fieldsync","exportedAt":"${new Date().toISOString()}","what":${JSON.stringify(what)},"items":[`,
  ];
  let count = 0;
  for await (const items of pagesOf(client, query)) {
    for (const item of items) {
      parts.push(`${count > 0 ? ',' : ''}
${JSON.stringify(item)}`);
      count += 1;
    }
  }
  parts.push('\n]}\n');
  save(fileName(what), parts);
  return count;
}
