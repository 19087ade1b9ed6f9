import init, { __wbg_reset_state, call, open, vaultChanged } from 'fieldsync-wasm/fieldsync.js';
import { files } from '../www/lib/files';
import type { CallCode, CallError, Calls } from '../www/lib/generated';
import { theKeyring } from '../www/lib/keyring';
import { tempo } from '../www/lib/tempo';
import { wasm } from './precache';

/** The engine of this worker's life, made on first use. */
let ready: Promise<void> | undefined;
let compiled = false;
/** Ends what the engine of before was told of the vault. */
let stop: (() => void) | undefined;
let poisoned = false;

function start(): Promise<void> {
  ready ??= load().catch(error => {
    ready = undefined; // the next event tries again
    throw error;
  });
  return ready;
}

async function load(): Promise<void> {
  if (!compiled) {
    const { memory } = await init({ module_or_path: await wasm() });
    // For consoles and tests: how much memory the engine has taken, in bytes.
    Object.assign(globalThis, { fieldsyncMemory: () => memory.buffer.byteLength });
    compiled = true;
  } else if (poisoned) {
    __wbg_reset_state();
    poisoned = false;
  }
  const keyring = await theKeyring();
  await open('worker', tempo(), keyring, files);
  stop?.();
  stop = keyring.onChange(vaultChanged);
}

/** Asks the engine, on a new instance should the old one have met a defect. Rejects with a `CallError`. */
export async function ask<K extends keyof Calls>(name: K, args: Calls[K][0]): Promise<Calls[K][1]> {
  try {
    return await attempt(name, args);
  } catch (error) {
    if (asCallError(error).code !== 'internal') throw asCallError(error);
  }
  return attempt(name, args).catch(error => Promise.reject(asCallError(error)));
}

async function attempt<K extends keyof Calls>(name: K, args: Calls[K][0]): Promise<Calls[K][1]> {
  const mine = start();
  try {
    await mine;
    return (await call(name, args)) as Calls[K][1];
  } catch (error) {
    // The next one gets a new instance, unless another event has begun to make one.
    if (ready === mine && asCallError(error).code === 'internal') {
      poisoned = true;
      ready = undefined;
    }
    throw error;
  }
}

function asCallError(error: unknown): CallError {
  if (typeof error === 'object' && error !== null && 'code' in error && 'retryable' in error)
    return error as CallError;
  const code: CallCode = 'internal';
  return { code, retryable: true, message: error instanceof Error ? error.message : String(error) };
}
