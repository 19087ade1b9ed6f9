/**
 * Unsent work as a file that another device of the same person takes in, sealed under a passphrase that is made for it (docs/work.md).
 * What of it is taken in the engine decides.
 */
import { fromBase64, toBase64 } from './base64';
import { connect } from './client';
import type { Parcel, SealedWork, TakenIn } from './generated';
import { ask } from './keystore';
import { alone, keyOf, newLock, WrongPassphrase } from './vault';

/** What is said here of an entry; the rest is the engine's. */
interface Packed {
  id: string;
  seat?: string;
  type: string;
}

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
    const parcel: Parcel = { ...(email ? { person: email } : {}), records: all };
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
    return (await connect()).takeIn(JSON.parse(new TextDecoder().decode(plain)) as Parcel);
  });
