/**
 * Unsent work as a file that another device of the same person takes in, sealed under a passphrase that is made for it (docs/work.md).
 * What of it is taken in the engine decides.
 */
import { fromBase64, toBase64 } from './base64';
import { connect } from './client';
import { fileRow, wholeFile } from './files';
import type { ItemId, Parcel, SealedWork, TakenIn } from './generated';
import { keepFile } from './keep-file';
import { ask } from './keystore';
import { alone, keyOf, newLock, WrongPassphrase } from './vault';

/** What is said here of an entry; the rest is the engine's. */
interface Packed {
  id: string;
  seat?: string;
  type: string;
  entityId: ItemId;
}

/** A photo or file that goes with its entry. */
interface PackedFile {
  id: ItemId;
  /** In base64. */
  bytes: string;
}

/** Photos go along, and files that are as small; all of them together within this. Bytes. */
const MOST_OF_ONE = 4 * 1_024 * 1_024;
const MOST_OF_ALL = 32 * 1_024 * 1_024;

/** Bytes of a nonce. */
const IV = 12;
const text = new TextEncoder();

const gcm = async (work: SealedWork, iv: Uint8Array<ArrayBuffer>): Promise<AesGcmParams> => ({
  name: 'AES-GCM',
  iv,
  additionalData: text.encode(await ask('workHead', JSON.stringify(work))),
});

/** Everything that is queued, sealed; how many entries that are. They stay in the queue. */
export const packed = (passphrase: string): Promise<{ file: string; count: number }> =>
  alone(async () => {
    const client = await connect();
    const { email } = await client.account();
    const all: Packed[] = [];
    for (let before: Parcel['next'] | null = null; before !== undefined; ) {
      const part: Parcel = await client.pack(before === null ? {} : { before });
      all.push(...(part.records as Packed[]));
      before = part.next;
    }
    const place = ({ id, seat = id }: Packed) => seat + id;
    all.sort((one, other) => (place(one) < place(other) ? -1 : 1));
    const files = await filesOf(all);
    const parcel = { ...(email ? { person: email } : {}), records: all, files };
    const lock = await newLock(1);
    const work = { format: 1, createdAt: Date.now(), count: all.length, lock, sealed: '' };
    const iv = crypto.getRandomValues(new Uint8Array(IV));
    const sealed = await crypto.subtle.encrypt(
      await gcm(work, iv),
      await keyOf(passphrase, lock),
      text.encode(JSON.stringify(parcel)),
    );
    const bytes = new Uint8Array(IV + sealed.byteLength);
    bytes.set(iv);
    bytes.set(new Uint8Array(sealed), IV);
    const whole: SealedWork = { ...work, sealed: toBase64(bytes) };
    return { file: await ask('workToFile', JSON.stringify(whole)), count: all.length };
  });

/** Takes a file in. Rejects with `WrongPassphrase`, with `KeystoreRefused` and words, or with the engine's `CallError`. */
export const takenIn = (file: string, passphrase: string): Promise<TakenIn> =>
  alone(async () => {
    const work: SealedWork = JSON.parse(await ask('workFromFile', file));
    const all = fromBase64(work.sealed);
    const how = await gcm(work, all.subarray(0, IV));
    const key = await keyOf(passphrase, work.lock);
    const plain = await crypto.subtle.decrypt(how, key, all.subarray(IV)).catch(() => {
      throw new WrongPassphrase();
    });
    const { files = [], ...parcel } = JSON.parse(new TextDecoder().decode(plain)) as Parcel & {
      files?: PackedFile[];
    };
    // First the files: an entry without its own would be set aside. What no entry comes to name is swept.
    for (const { id, bytes } of files)
      if (!(await fileRow(id))?.whole) await keepFile(id, new Blob([fromBase64(bytes)]));
    return (await connect()).takeIn(parcel);
  });

/** The files of these entries that are here and small enough, in the order of the entries. */
async function filesOf(records: Packed[]): Promise<PackedFile[]> {
  const found: PackedFile[] = [];
  let room = MOST_OF_ALL;
  for (const { type, entityId: id } of records) {
    const bytes = type === 'MEDIA' ? await wholeFile(id, Math.min(MOST_OF_ONE, room)) : undefined;
    if (!bytes) continue;
    room -= bytes.length;
    found.push({ id, bytes: toBase64(bytes) });
  }
  return found;
}
