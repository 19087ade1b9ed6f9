/**
 * What a person does with the vault: set it up, open it, change the passphrase, make new keys, take the keystore elsewhere. Each
 * works on the keystore as it is stored, under a lock, and what is stored changes at once or not at all.
 */
import { msg } from '@lit/localize';
import { fromBase64, toBase64 } from './base64';
import { connect } from './client';
import type { Keystore, PassphraseLock, Rotation } from './generated';
import { type LockBox, theKeyring } from './keyring';
import { ask, dismiss, fromFile, KeystoreRefused, nameOf, toFile, told } from './keystore';
import { newId } from './once';
import type { Keys, RotationKeys } from './sealing';
import { ask as server } from './server';

/** The passphrase does not open it. */
export class WrongPassphrase extends Error {}
/** The passphrase was wrong too often: not before this time, in milliseconds. */
export class TooSoon extends Error {
  constructor(readonly until: number) {
    super();
  }
}

/** So long it shall take to try a passphrase, on this device. In milliseconds. */
const EFFORT = 300;
/** Argon2id's memory, in KiB: what OWASP names for it. */
const MEMORY = 19 * 1024;
/** So many rotations are kept. */
const MOST = 100;
/** A rotation goes by the beginning of its name. */
const SHORT = 16;

const ECDH = { name: 'ECDH', namedCurve: 'P-256' };
const ECDSA = { name: 'ECDSA', namedCurve: 'P-256' };
const SIGNED = { name: 'ECDSA', hash: 'SHA-256' };
const text = new TextEncoder();

/** What is sealed of a rotation under the passphrase's key, in unpadded base64url. */
interface Secrets {
  data: string;
  index: string;
  opener: string;
  signer: string;
}

const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes));

/** One at a time on this device. */
export const alone = <T>(work: () => Promise<T>): Promise<T> =>
  navigator.locks.request('fieldsync:vault', async () => {
    try {
      return await work();
    } finally {
      dismiss();
    }
  }) as Promise<T>;

/** The key that a passphrase comes to. The same letters may be typed in several ways: they are one. */
export const keyOf = async (passphrase: string, lock: PassphraseLock): Promise<CryptoKey> =>
  asKey(await rawKeyOf(passphrase, lock));

/** The same as bytes. */
export const rawKeyOf = async (
  passphrase: string,
  { salt, memoryKib, passes }: PassphraseLock,
): Promise<Uint8Array<ArrayBuffer>> =>
  (await ask(
    'derive',
    passphrase.normalize('NFKC'),
    fromBase64(salt),
    memoryKib,
    passes,
  )) as Uint8Array<ArrayBuffer>;

export const asKey = (raw: BufferSource): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);

/** A lock for a new passphrase, with as many passes as this device can afford. */
export async function newLock(revision: number): Promise<PassphraseLock> {
  const trial = { revision, salt: toBase64(random(16)), memoryKib: MEMORY, passes: 1 };
  await keyOf('', trial); // the first one loads it
  const began = performance.now();
  await keyOf('', trial);
  const passes = Math.min(16, Math.max(2, Math.round(EFFORT / (performance.now() - began))));
  return { ...trial, passes };
}

/** New keys, signed by those of before. */
async function newRotation(
  vault: string,
  key: CryptoKey,
  byDevice: string,
  before?: { rotation: Rotation; secrets: Secrets },
) {
  const [opener, signer] = await Promise.all([
    crypto.subtle.generateKey(ECDH, true, ['deriveBits']) as Promise<CryptoKeyPair>,
    crypto.subtle.generateKey(ECDSA, true, ['sign', 'verify']) as Promise<CryptoKeyPair>,
  ]);
  const raw = async (key: CryptoKey) => toBase64(await crypto.subtle.exportKey('raw', key));
  const pkcs8 = async (key: CryptoKey) => toBase64(await crypto.subtle.exportKey('pkcs8', key));
  const secrets: Secrets = {
    data: toBase64(random(32)),
    index: before?.secrets.index ?? toBase64(random(32)),
    opener: await pkcs8(opener.privateKey),
    signer: await pkcs8(signer.privateKey),
  };
  const rotation: Rotation = {
    sequence: (before?.rotation.sequence ?? 0) + 1,
    createdAt: Date.now(),
    byDevice,
    publicKey: await raw(opener.publicKey),
    signingKey: await raw(signer.publicKey),
    ...(before ? { previous: await nameOf(vault, before.rotation) } : {}),
    signature: '',
    sealed: '',
  };
  const signing = await crypto.subtle.importKey(
    'pkcs8',
    fromBase64(before?.secrets.signer ?? secrets.signer),
    ECDSA,
    false,
    ['sign'],
  );
  const signed = await ask('signedText', vault, JSON.stringify(rotation));
  rotation.signature = toBase64(await crypto.subtle.sign(SIGNED, signing, text.encode(signed)));
  rotation.sealed = await sealed(key, await nameOf(vault, rotation), secrets);
  return rotation;
}

async function sealed(key: CryptoKey, name: string, secrets: Secrets): Promise<string> {
  const iv = random(12);
  const how = { name: 'AES-GCM', iv, additionalData: text.encode(name) };
  const rest = await crypto.subtle.encrypt(how, key, text.encode(JSON.stringify(secrets)));
  return toBase64(new Uint8Array([...iv, ...new Uint8Array(rest)]));
}

async function unsealed(key: CryptoKey, name: string, sealed: string): Promise<Secrets> {
  const all = fromBase64(sealed);
  const how = { name: 'AES-GCM', iv: all.subarray(0, 12), additionalData: text.encode(name) };
  try {
    const plain = await crypto.subtle.decrypt(how, key, all.subarray(12));
    return JSON.parse(new TextDecoder().decode(plain)) as Secrets;
  } catch {
    throw new WrongPassphrase();
  }
}

/** All secrets of a keystore, by the names of their rotations. */
export async function secretsOf(
  { vault, rotations }: Keystore,
  key: CryptoKey,
): Promise<Map<string, Secrets>> {
  const all = new Map<string, Secrets>();
  for (const rotation of rotations) {
    const name = await nameOf(vault, rotation);
    all.set(name, await unsealed(key, name, rotation.sealed));
  }
  return all;
}

/** As keys that no script can read out. */
async function keysOf(secrets: Map<string, Secrets>): Promise<Keys> {
  const rotations: Record<string, RotationKeys> = {};
  let index: CryptoKey | undefined;
  for (const [name, { data, opener, index: hmac }] of secrets) {
    rotations[name.slice(0, SHORT)] = {
      data: await crypto.subtle.importKey('raw', fromBase64(data), 'AES-GCM', false, ['encrypt', 'decrypt']),
      opener: await crypto.subtle.importKey('pkcs8', fromBase64(opener), ECDH, false, ['deriveBits']),
    };
    index ??= await crypto.subtle.importKey(
      'raw',
      fromBase64(hmac),
      { name: 'HMAC', hash: 'SHA-256' },
      false,
      ['sign'],
    );
  }
  if (!index) throw new Error('a keystore without rotations');
  return { index, rotations };
}

/** Stores a keystore, and gives its keys to every page and the worker. */
export async function take(keystore: Keystore, secrets: Map<string, Secrets>, keep: boolean): Promise<void> {
  const name = await ask('head', JSON.stringify(keystore));
  for (const rotation of keystore.rotations) {
    if ((await nameOf(keystore.vault, rotation)) !== name) continue;
    const box: LockBox = {
      current: name.slice(0, SHORT),
      publicKey: rotation.publicKey,
      keystore: await toFile(keystore),
      told: await told(keystore),
      ...(await owner()),
    };
    const keyring = await theKeyring();
    // What the device can open may be the key of another passphrase by now.
    if ((await keyring.device())?.salt !== keystore.lock.salt) await keyring.setDevice(undefined);
    await keyring.unlock(box, await keysOf(secrets), keep);
  }
  // The server is brought what it lacks, and the person's other devices hear of it.
  const client = await connect();
  void client.scheduler({ wish: 'news' }).catch(() => {}); // the next check does it too
}

/** The keystore of this device. */
export async function keystore(): Promise<Keystore | undefined> {
  const box = (await theKeyring()).lockBox;
  return box && fromFile(box.keystore);
}

/** As it is stored: what is made of it takes its place. */
async function mine(): Promise<Keystore> {
  const box = await (await theKeyring()).stored();
  if (!box) throw new Error('this device has no vault');
  return fromFile(box.keystore);
}

const isAbsent = async () => (await (await theKeyring()).stored()) === undefined;

/** Whose vault it is. */
async function owner(): Promise<{ owner?: string }> {
  const { email } = await (await connect()).account();
  return email === undefined ? {} : { owner: email };
}

/** The name under which this device goes. */
const deviceId = async () => (await (await connect()).account()).deviceId;

/** Sets the vault up: from now on what is entered is sealed wherever it is stored. */
export const setUp = (passphrase: string, keep: boolean): Promise<void> =>
  alone(async () => {
    if (!(await isAbsent())) throw new Error('this device has a vault already');
    const lock = await newLock(1);
    const key = await keyOf(passphrase, lock);
    const vault = newId();
    const rotation = await newRotation(vault, key, await deviceId());
    const made: Keystore = { format: 1, vault, lock, rotations: [rotation] };
    await take(made, await secretsOf(made, key), keep);
  });

/** Opens it. Wrong passphrases take longer each time. */
export const unlock = (passphrase: string, keep: boolean): Promise<void> =>
  alone(async () => {
    const [own, keyring] = [await mine(), await theKeyring()];
    const { secrets } = await opened(own, passphrase);
    const box = await keyring.stored();
    if (box) await keyring.unlock({ ...box, told: await told(own) }, await keysOf(secrets), keep);
  });

export const lock = async (): Promise<void> => (await theKeyring()).lock();

/** A passphrase tried on a keystore. */
export async function opened(
  keystore: Keystore,
  passphrase: string,
): Promise<{ key: CryptoKey; secrets: Map<string, Secrets> }> {
  const until = waitsUntil();
  if (until > Date.now()) throw new TooSoon(until);
  try {
    const key = await keyOf(passphrase, keystore.lock);
    const secrets = await secretsOf(keystore, key);
    localStorage.removeItem(WRONG);
    return { key, secrets };
  } catch (error) {
    if (error instanceof WrongPassphrase) countWrong();
    throw error;
  }
}

/** Another passphrase for the same keys: only the keystore is sealed anew. */
export const changePassphrase = (before: string, after: string): Promise<void> =>
  alone(async () => {
    const own = await mine();
    const { secrets } = await opened(own, before);
    const lock = await newLock(own.lock.revision + 1);
    const next = await resealed({ ...own, lock }, secrets, await keyOf(after, lock));
    await take(next, secrets, await (await theKeyring()).isKept());
  });

/** New keys, from now on. The old ones stay: what was sealed under them can be read. */
export const rotate = (passphrase: string): Promise<void> =>
  alone(async () => {
    const own = await mine();
    const { key, secrets } = await opened(own, passphrase);
    const name = await ask('head', JSON.stringify(own));
    for (const rotation of own.rotations) {
      const of = secrets.get(name);
      if (!of || (await nameOf(own.vault, rotation)) !== name) continue;
      const next = await newRotation(own.vault, key, await deviceId(), { rotation, secrets: of });
      const made = { ...own, rotations: [...own.rotations, next].slice(-MOST) };
      await take(made, await secretsOf(made, key), await (await theKeyring()).isKept());
    }
  });

/** The keystore that the server carries for a person's devices; nothing where it carries none. */
export async function carried(): Promise<Keystore | undefined> {
  const { accessToken } = await (await connect()).account();
  const answer = await server('keystore', {}, accessToken === undefined ? {} : { token: accessToken });
  return answer && readFile(answer.keystore);
}

/** The keystore of a file. Rejects with `KeystoreRefused`. */
export const readFile = (text: string): Promise<Keystore> => alone(() => fromFile(text));

/** The file by which another device of the same person gets the keys. Without the passphrase it opens nothing. */
export const exported = async (): Promise<string> => toFile(await mine());

/** What taking a keystore in has come to. */
export interface Imported {
  /** How many rotations were not known here. */
  learned: number;
  /** The passphrase is the file's from now on. */
  theirPassphrase: boolean;
}

/**
 * Takes the keystore of another device in, with the passphrase of its file, and that of this device where it is another.
 * Rejects with `KeystoreRefused` for what is older, foreign or forged.
 */
export const imported = (found: Keystore, theirs: string, own?: string): Promise<Imported> =>
  alone(async () => {
    const { key, secrets } = await opened(found, theirs);
    if (await isAbsent()) {
      // Whose it is nobody here can tell; that it was not put together by another can be told.
      const all = JSON.stringify(found);
      if ((await genuine(all, all)).length < (await ask('claims', all, all)).length)
        throw new KeystoreRefused(msg('The rotations of this keystore are not genuine.'));
      await take(found, secrets, false);
      return { learned: found.rotations.length, theirPassphrase: true };
    }
    const before = await mine();
    const same = before.lock.salt === found.lock.salt;
    const ours = same ? { key, secrets: await secretsOf(before, key) } : await opened(before, own ?? theirs);
    const [a, b] = [JSON.stringify(before), JSON.stringify(found)];
    const right = await genuine(a, b);
    const [last, offered] = await ask('downgrade', a, b, right);
    if (last !== undefined && offered !== undefined)
      await (await theKeyring()).note({ refused: { mine: last, theirs: offered } });
    const { keystore, learned, theirLock } = await ask('merge', a, b, right);
    const all = new Map([...secrets, ...ours.secrets]);
    const merged = await resealed(JSON.parse(keystore), all, theirLock ? key : ours.key);
    await take(merged, all, await (await theKeyring()).isKept());
    return { learned, theirPassphrase: theirLock && !same };
  });

/** What a merge rests on and is signed as it says. */
async function genuine(mine: string, theirs: string): Promise<string[]> {
  const right: string[] = [];
  for (const claim of await ask('claims', mine, theirs)) {
    const {
      key,
      text: signed,
      signature,
    } = JSON.parse(claim) as Record<'key' | 'text' | 'signature', string>;
    // What is no key at all has signed nothing.
    const by = await crypto.subtle
      .importKey('raw', fromBase64(key), ECDSA, false, ['verify'])
      .catch(() => undefined);
    if (by && (await crypto.subtle.verify(SIGNED, by, fromBase64(signature), text.encode(signed))))
      right.push(claim);
  }
  return right;
}

async function resealed(
  keystore: Keystore,
  secrets: Map<string, Secrets>,
  key: CryptoKey,
): Promise<Keystore> {
  const rotations = keystore.rotations.map(async rotation => {
    const name = await nameOf(keystore.vault, rotation);
    const of = secrets.get(name);
    return of ? { ...rotation, sealed: await sealed(key, name, of) } : rotation;
  });
  return { ...keystore, rotations: await Promise.all(rotations) };
}

const WRONG = 'fieldsync.wrong-passphrases';
/** So many are free; each one after that doubles the wait. */
const FREE = 3;
/** The longest wait, in milliseconds. */
const LONGEST = 5 * 60_000;

function waitsUntil(): number {
  const { count = 0, at = 0 } = JSON.parse(localStorage.getItem(WRONG) ?? '{}') as {
    count?: number;
    at?: number;
  };
  return count < FREE ? 0 : at + Math.min(LONGEST, 1_000 * 2 ** (count - FREE));
}

function countWrong(): void {
  const { count = 0 } = JSON.parse(localStorage.getItem(WRONG) ?? '{}') as { count?: number };
  localStorage.setItem(WRONG, JSON.stringify({ count: count + 1, at: Date.now() }));
}
