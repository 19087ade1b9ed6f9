/** The keystore's part that needs its own wasm (crate/vault): asked of a worker that lives while it is needed. */
import type { Keystore, Rotation, RotationTold } from './generated';
import type { Deeds } from './vault-worker';

/** A passphrase's key is made within this, also on a slow phone. */
const PATIENCE = 60_000;

let worker: Worker | undefined;
let asked = 0;
/** So many questions wait for their answers. */
let waiting = 0;
/** It is not needed after those. */
let dismissed = false;

/** What a keystore is not taken in for, in words for the person. */
export class KeystoreRefused extends Error {}

export function ask<K extends keyof Deeds>(
  name: K,
  ...args: Parameters<Deeds[K]>
): Promise<ReturnType<Deeds[K]>> {
  worker ??= new Worker(new URL('./vault-worker.ts', import.meta.url), { type: 'module' });
  const mine = worker;
  const id = asked++;
  waiting += 1;
  return new Promise((resolve, reject) => {
    const stop = new AbortController();
    const end = (work: () => void) => {
      stop.abort();
      clearTimeout(timer);
      waiting -= 1;
      work();
      if (dismissed) dismiss();
    };
    const gone = () =>
      end(() => {
        mine.terminate(); // one that is slow would go on
        if (worker === mine) worker = undefined;
        reject(new Error('the vault’s part of the app did not come'));
      });
    const timer = setTimeout(gone, PATIENCE);
    mine.addEventListener('error', gone, { signal: stop.signal });
    mine.addEventListener(
      'message',
      ({ data }: MessageEvent<{ id: number; answer: ReturnType<Deeds[K]>; error?: string }>) => {
        if (data.id !== id) return;
        end(() =>
          data.error === undefined ? resolve(data.answer) : reject(new KeystoreRefused(data.error)),
        );
      },
      { signal: stop.signal },
    );
    mine.postMessage({ id, name, args });
  });
}

/** Ends the worker once everybody has their answer, and gives its memory back. */
export function dismiss(): void {
  dismissed = waiting > 0;
  if (dismissed) return;
  worker?.terminate();
  worker = undefined;
}

export const nameOf = (vault: string, rotation: Rotation): Promise<string> =>
  ask('nameOf', vault, JSON.stringify(rotation));

/** What stands in clear of its rotations. */
export const told = async (keystore: Keystore): Promise<RotationTold[]> =>
  JSON.parse(await ask('told', JSON.stringify(keystore)));

export const toFile = (keystore: Keystore): Promise<string> => ask('toFile', JSON.stringify(keystore));

export const fromFile = async (text: string): Promise<Keystore> => JSON.parse(await ask('fromFile', text));
