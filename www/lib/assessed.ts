import { connect } from './client';
import { describe } from './describe';
import type { ItemId, ServerRecord } from './generated';

/** A site that was assessed, as the server was last known to have it. */
export interface Assessed {
  entityId: ItemId;
  title: string;
  sort: string;
}

/** Records of one question. */
const PAGE = 500;

/** The assessments that this device knows of, whoever made them: the latest first, at most so many. */
export async function assessed(most: number): Promise<Assessed[]> {
  const client = await connect();
  let latest: ServerRecord[] = [];
  let after: ItemId | undefined;
  do {
    const { records, next } = await client.records({
      type: 'ASSESSMENT',
      limit: PAGE,
      ...(after ? { after } : {}),
    });
    latest = [...latest, ...records].slice(-most);
    after = next;
  } while (after);
  return latest.reverse().map(({ entityId, data }) => {
    const { title, sort } = describe({ type: 'ASSESSMENT', action: 'CREATE', data });
    return { entityId, title, sort };
  });
}
