/** Runs what the keystore needs in a worker of its own: a passphrase takes a third of a second, and must not stop the page. */
import init, {
  claims,
  derive,
  downgrade,
  fromFile,
  head,
  merge,
  nameOf,
  signedText,
  toFile,
  told,
  workFromFile,
  workHead,
  workToFile,
} from 'fieldsync-vault-wasm/vault.js';
import wasmUrl from 'fieldsync-vault-wasm/vault_bg.wasm?url';

const deeds = {
  derive,
  signedText,
  nameOf,
  head,
  toFile,
  fromFile,
  told,
  downgrade,
  claims,
  workHead,
  workToFile,
  workFromFile,
  merge(mine: string, theirs: string, genuine: string[]) {
    const { keystore, learned, theirLock } = merge(mine, theirs, genuine);
    return { keystore, learned, theirLock };
  },
};

/** What can be asked of it. */
export type Deeds = typeof deeds;

const ready = init({ module_or_path: wasmUrl });

self.addEventListener('message', async ({ data: { id, name, args } }: MessageEvent) => {
  try {
    await ready;
    const answer = (deeds[name as keyof Deeds] as (...args: unknown[]) => unknown)(...args);
    self.postMessage({ id, answer });
  } catch (error) {
    self.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  }
});
