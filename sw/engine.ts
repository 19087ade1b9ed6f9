import init, { __wbg_reset_state, call, open } from 'fieldsync-wasm/fieldsync.js';
import type { CallError, Calls, Cause } from '../www/lib/generated';
import { wasm } from './precache';

type Settled = Calls['wake'][1];

/** The engine of this worker's life, made on first use. */
let ready: Promise<void> | undefined;
let compiled = false;

function start(): Promise<void> {
  ready ??= load().catch(error => {
    ready = undefined; // the next event tries again
    throw error;
  });
  return ready;
}

async function load(): Promise<void> {
  if (compiled) {
    __wbg_reset_state();
  } else {
    await init({ module_or_path: await wasm() });
    compiled = true;
  }
  await open('worker', {});
}

/** Wakes the engine, and resolves when its drain has settled. Rejects with a `CallError`. */
export async function wake(cause: Cause): Promise<Settled> {
  await start();
  try {
    return (await call('wake', { cause })) as Settled;
  } catch (error) {
    // A defect has poisoned the instance: the next event gets a new one.
    if ((error as CallError).code === 'internal') ready = undefined;
    throw error;
  }
}
