/**
 * The vault as a page or the worker knows it. Whoever has the keys gives them to the others of this device, and whoever locks
 * it takes them from all. They reach the disk only where the person wants the vault to stay unlocked on this device.
 */
import type { RotationTold } from './generated';
import { blind, isUnder, type Keys, open, seal, sealToPublic } from './sealing';

/** What is stored in clear. */
export interface LockBox {
  /** The short name of the rotation under which is sealed now. */
  current: string;
  /** Its public key, in unpadded base64url. */
  publicKey: string;
  /** The keystore, as its file. */
  keystore: string;
  /** What stands in clear of its rotations. */
  told?: RotationTold[];
  /** Whose it is, by the address of their account. */
  owner?: string;
  /** The last older keystore that was refused, until a newer one came. */
  refused?: Attempt;
}

/** The last rotation here, and the last one of a keystore that was refused because it is older. */
export interface Attempt {
  mine: number;
  theirs: number;
}

/** By what the device itself opens the vault, where its person wants that (lib/device-unlock). */
export interface DeviceLock {
  /** The credential's id. */
  credential: Uint8Array<ArrayBuffer>;
  /** What the authenticator is asked about. */
  input: Uint8Array<ArrayBuffer>;
  /** Which passphrase's key it is: the salt of that one. */
  salt: string;
  /** The passphrase's key, sealed under the authenticator's answer. */
  sealed: string;
}

/** Another page gives the keys within this time, or none has them; within it they are off the disk. In milliseconds. */
const GIVEN = 300;

/** What pages and the worker say to one another; without a box it is the question for the keys. */
interface Message {
  /** The vault was put away. */
  away?: boolean;
  box?: LockBox | undefined;
  keys?: Keys | undefined;
  /** When its keys came or went, as who says it knows; see `turn` below. */
  turn?: number;
}

export class Keyring {
  private box: LockBox | undefined;
  private keys: Keys | undefined;
  /** When the keys came or went last, in milliseconds, later each time whatever the clock does. What is older does not open it. */
  private turn = 0;
  private readonly channel = new BroadcastChannel('fieldsync:vault');
  private readonly listeners = new Set<() => void>();

  private constructor() {
    this.channel.onmessage = ({ data }: MessageEvent<Message>) => {
      const { away, box, keys, turn = 0 } = data;
      if (away) this.putAway(box, turn);
      else if (box && turn < this.turn) this.set(box, this.keys);
      else if (box) this.set(box, keys, turn);
      else if (this.box) this.say();
    };
  }

  /** As it is stored, with the keys that another page of this device may have. */
  static async of(): Promise<Keyring> {
    const keyring = new Keyring();
    const [box, keys] = await Promise.all([stored<LockBox>('box'), stored<Keys>('keys')]);
    // What was heard meanwhile is newer than what was read.
    if (!keyring.box) [keyring.box, keyring.keys] = [box, keys];
    if (keyring.state() === 'locked') await keyring.ask();
    return keyring;
  }

  private ask(): Promise<void> {
    return new Promise(resolve => {
      const stop = this.onChange(() => finish());
      const finish = () => {
        stop();
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(finish, GIVEN);
      this.channel.postMessage({});
    });
  }

  state(): 'absent' | 'locked' | 'open' {
    if (!this.box) return 'absent';
    return this.keys ? 'open' : 'locked';
  }

  /** What is stored of it in clear, where another page's word of it may still be on its way. */
  stored = (): Promise<LockBox | undefined> => stored<LockBox>('box');

  /** The same, as it was heard of last. */
  get lockBox(): LockBox | undefined {
    return this.box;
  }

  /** Hears of every change, here and elsewhere. Answers how to stop. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** It is set up, opened or changed. `keep`: it stays unlocked on this device. */
  async unlock(box: LockBox, keys: Keys, keep: boolean): Promise<void> {
    await store({ box, keys: keep ? keys : undefined });
    this.set(box, keys, this.next());
    this.say();
  }

  /**
   * Nobody on this device has the keys any more. First from the disk: it says that it is locked once that is so, for a page that is
   * closed right then too. A disk that is slow is not waited for.
   */
  async lock(): Promise<void> {
    if (!this.box) return;
    const turn = this.next();
    this.turn = turn;
    const gone = store({ keys: undefined });
    try {
      await Promise.race([gone, new Promise(resolve => setTimeout(resolve, GIVEN))]);
    } finally {
      // Unless it was opened again meanwhile.
      if (this.turn === turn) this.set(this.box, undefined);
      this.say();
    }
    await gone;
  }

  /** Something else that stands in clear of it. */
  async note(more: Pick<LockBox, 'told' | 'refused'>): Promise<void> {
    const before = await this.stored();
    if (!before) return;
    const box = { ...before, ...more };
    await store({ box });
    this.set(box, this.keys);
    this.say();
  }

  /** What stands in clear of it, for the engine; see `Keys` there. */
  told(): string | undefined {
    if (!this.box?.told) return undefined;
    const { told: turns, keystore: file, owner, refused } = this.box;
    return JSON.stringify({ turns, file, owner, refused });
  }

  /** The device passes from one person to another: the vault of the first is put away, and that of the second, if there is one, found. */
  async handOver(from: string, to: string): Promise<void> {
    const [before, after] = [await this.stored(), await stored<LockBox>(`box of ${to}`)];
    const none = { keys: undefined, sealed: undefined, device: undefined };
    await store({ ...none, box: after, [`box of ${from}`]: before });
    this.putAway(after, this.next());
    this.channel.postMessage({ away: true, box: after, turn: this.turn } satisfies Message);
  }

  private putAway(box: LockBox | undefined, turn: number): void {
    [this.box, this.keys, this.turn] = [box, undefined, turn];
    this.changed();
  }

  /** Whether it stays unlocked on this device. */
  async isKept(): Promise<boolean> {
    return (await stored('keys')) !== undefined;
  }

  /** The rotation under which all is known to be sealed. */
  sealed = (): Promise<string | undefined> => stored<string>('sealed');
  setSealed = (rotation: string): Promise<void> => store({ sealed: rotation });

  device = (): Promise<DeviceLock | undefined> => stored<DeviceLock>('device');
  setDevice = (device: DeviceLock | undefined): Promise<void> => store({ device });

  /** For the engine's store; see `Keyring` in the engine. */
  async seal(abouts: string[], texts: string[]): Promise<string[]> {
    const { box, keys } = this;
    if (!box) throw new Error('there is no vault');
    const mine = keys?.rotations[box.current];
    // Who opens it next finds what was sealed without its keys.
    if (!mine) await store({ sealed: undefined });
    return Promise.all(
      texts.map((text, n) =>
        mine
          ? seal(box.current, mine, abouts[n] ?? '', text)
          : sealToPublic(box.current, box.publicKey, abouts[n] ?? '', text),
      ),
    );
  }

  async open(abouts: string[], sealed: string[]): Promise<(string | undefined)[]> {
    const { keys } = this;
    return Promise.all(sealed.map((text, n) => (keys ? open(keys, abouts[n] ?? '', text) : undefined)));
  }

  async blind(texts: string[]): Promise<string[] | undefined> {
    const { keys } = this;
    return keys && Promise.all(texts.map(text => blind(keys, text)));
  }

  isFresh(sealed: string, any: boolean): boolean {
    return isUnder(sealed, any ? undefined : this.box?.current);
  }

  private next = (): number => Math.max(Date.now(), this.turn + 1);

  private set(box: LockBox, keys: Keys | undefined, turn = this.turn): void {
    const same = this.box?.keystore === box.keystore && (this.keys === undefined) === (keys === undefined);
    [this.box, this.keys, this.turn] = [box, keys, turn];
    if (!same) this.changed();
  }

  private changed(): void {
    for (const listener of [...this.listeners]) listener();
  }

  private say(): void {
    const { box, keys, turn } = this;
    this.channel.postMessage({ box, keys, turn } satisfies Message);
  }
}

let opening: Promise<Keyring> | undefined;

/** The one of this page or worker. */
export function theKeyring(): Promise<Keyring> {
  opening ??= Keyring.of();
  return opening;
}

const NAME = 'fieldsync-vault';

function database(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore('vault');
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function within<T>(
  mode: IDBTransactionMode,
  work: (vault: IDBObjectStore) => IDBRequest<T> | undefined,
): Promise<T | undefined> {
  const all = await database();
  try {
    return await new Promise((resolve, reject) => {
      // Once it is said to be done it outlives a power cut.
      const transaction = all.transaction('vault', mode, { durability: 'strict' });
      const request = work(transaction.objectStore('vault'));
      transaction.oncomplete = () => resolve(request?.result);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    all.close();
  }
}

const stored = <T>(name: string): Promise<T | undefined> => within<T>('readonly', vault => vault.get(name));

/** Puts these values, and removes those that are none. */
const store = async (values: Record<string, unknown>): Promise<void> => {
  await within('readwrite', vault => {
    for (const [name, value] of Object.entries(values))
      if (value === undefined) vault.delete(name);
      else vault.put(value, name);
    return undefined;
  });
};
