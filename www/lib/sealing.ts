/**
 * How a text is sealed on this device. `1.<rotation>.<iv and ciphertext>`: AES-256-GCM under a rotation's data key, with what
 * the text is about as associated data, so that it opens nowhere else. Without the keys
 * `2.<rotation>.<public key, iv and ciphertext>`: sealed to the rotation's public key, by ephemeral ECDH over P-256 and the
 * one-step KDF of NIST SP 800-56C with SHA-256.
 */
import { fromBase64, toBase64 } from './base64';

/** The keys of one rotation, which no script can read out. */
export interface RotationKeys {
  /** AES-256-GCM. */
  data: CryptoKey;
  /** The private half of the rotation's public key: P-256 for ECDH. */
  opener: CryptoKey;
}

/** The keys of an open vault: the browser's own objects, which pages and the worker give one another as they are. */
export interface Keys {
  /** HMAC-SHA-256, the same for all rotations: by it what is sealed is found. */
  index: CryptoKey;
  /** By the rotation's short name. */
  rotations: Record<string, RotationKeys>;
}

/** Bytes of an initialisation vector. */
const IV = 12;
/** Bytes of a public key: an uncompressed point. */
const POINT = 65;

const ECDH = { name: 'ECDH', namedCurve: 'P-256' };
const text = new TextEncoder();

const gcm = (iv: BufferSource, about: string): AesGcmParams => ({
  name: 'AES-GCM',
  iv,
  additionalData: text.encode(about),
});

const joined = (...parts: (ArrayBuffer | Uint8Array<ArrayBuffer>)[]) =>
  new Uint8Array(parts.flatMap(part => [...new Uint8Array(part)]));

async function encrypted(
  form: string,
  rotation: string,
  key: CryptoKey,
  head: Uint8Array<ArrayBuffer>,
  about: string,
  plain: string,
) {
  const iv = crypto.getRandomValues(new Uint8Array(IV));
  const sealed = new Uint8Array(await crypto.subtle.encrypt(gcm(iv, about), key, text.encode(plain)));
  const all = new Uint8Array(head.length + IV + sealed.length);
  all.set(head);
  all.set(iv, head.length);
  all.set(sealed, head.length + IV);
  return `${form}.${rotation}.${toBase64(all)}`;
}

/** Under a rotation's data key. */
export const seal = (rotation: string, keys: RotationKeys, about: string, plain: string): Promise<string> =>
  encrypted('1', rotation, keys.data, new Uint8Array(), about, plain);

/** To a rotation's public key (unpadded base64url): whoever has its private half can open it, and nobody here. */
export async function sealToPublic(
  rotation: string,
  publicKey: string,
  about: string,
  plain: string,
): Promise<string> {
  const { privateKey, publicKey: point } = await crypto.subtle.generateKey(ECDH, false, ['deriveBits']);
  const ephemeral = new Uint8Array(await crypto.subtle.exportKey('raw', point));
  const key = await shared(privateKey, fromBase64(publicKey), ephemeral);
  return encrypted('2', rotation, key, ephemeral, about, plain);
}

/** What was sealed; nothing without its keys, where it is about something else, or where it was changed. */
export async function open(keys: Keys, about: string, sealed: string): Promise<string | undefined> {
  try {
    const [form, rotation = '', data = ''] = sealed.split('.');
    const of = keys.rotations[rotation];
    if (!of || (form !== '1' && form !== '2')) return undefined;
    const all = fromBase64(data);
    const point = form === '2' ? all.subarray(0, POINT) : all.subarray(0, 0);
    const [iv, rest] = [all.subarray(point.length, point.length + IV), all.subarray(point.length + IV)];
    const key = form === '2' ? await shared(of.opener, point, point) : of.data;
    return new TextDecoder().decode(await crypto.subtle.decrypt(gcm(iv, about), key, rest));
  } catch {
    return undefined;
  }
}

/** Whether it was sealed with the keys, under this rotation where one is named. */
export const isUnder = (sealed: string, rotation?: string): boolean =>
  sealed.startsWith(rotation === undefined ? '1.' : `1.${rotation}.`);

/** The key that two have in common: SHA-256(counter ‖ Z ‖ what it is for ‖ the ephemeral point). */
async function shared(
  mine: CryptoKey,
  theirs: Uint8Array<ArrayBuffer>,
  ephemeral: Uint8Array<ArrayBuffer>,
): Promise<CryptoKey> {
  const point = await crypto.subtle.importKey('raw', theirs, ECDH, false, []);
  const secret = await crypto.subtle.deriveBits({ name: 'ECDH', public: point }, mine, 256);
  const all = joined(new Uint8Array([0, 0, 0, 1]), secret, text.encode('fieldsync sealed 2'), ephemeral);
  return crypto.subtle.importKey('raw', await crypto.subtle.digest('SHA-256', all), 'AES-GCM', false, [
    'encrypt',
    'decrypt',
  ]);
}

/** Hashes that were asked for lately; they go with the keys. */
const hashes = new WeakMap<Keys, Map<string, Promise<string>>>();
/** As many of them as a day on the route asks for. */
const MOST_HASHES = 1_000;

/** By which what is sealed is found again: equal for equal texts, and tells nobody else what they are. */
export function blind(keys: Keys, plain: string): Promise<string> {
  const all = hashes.get(keys) ?? new Map<string, Promise<string>>();
  const known = all.get(plain);
  if (known) return known;
  const hash = crypto.subtle.sign('HMAC', keys.index, text.encode(plain)).then(toBase64);
  if (all.size >= MOST_HASHES) all.clear();
  hashes.set(keys, all.set(plain, hash));
  return hash;
}
