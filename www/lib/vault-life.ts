/** What goes on on a page of a device with a vault: it is sealed anew where that is due, sent once it is open, and locked in time. */
import { watch } from './auto-lock';
import type { Fieldsync } from './client';
import { sealFiles } from './keep-file';
import { kept, keysOf, stores } from './kept';
import { listen } from './server-events';

let watching = false;
/** Until it is locked, the server is listened to. */
let hearing: AbortController | undefined;

/** Called at the start, and whenever the vault was set up, opened or locked. */
export async function live(client: Fieldsync): Promise<void> {
  const { keyring } = client;
  if (!watching) {
    watch(keyring);
    keyring.onChange(() => hear(client));
  }
  watching = true;
  hear(client);
  const rotation = keyring.lockBox?.current;
  if (keyring.state() !== 'open' || !rotation) return;
  void client.wake({ cause: 'unlocked' }).catch(() => {}); // how it ends is told by events
  if ((await keyring.sealed()) === rotation) return;
  // One page does it; where it ends, another begins again.
  await navigator.locks.request('fieldsync:seal', { ifAvailable: true }, async lock => {
    if (!lock) return;
    await sealKept();
    await sealFiles();
    if ((await client.sealAnew()) && keyring.state() === 'open') await keyring.setSealed(rotation);
  });
}

function hear(client: Fieldsync): void {
  if (client.keyring.state() !== 'open') {
    hearing?.abort();
    hearing = undefined;
  } else if (!hearing) {
    hearing = new AbortController();
    listen(client, hearing.signal);
  }
}

/** Seals what was kept before there was a vault, and what was sealed in another way than it would be today. */
async function sealKept(): Promise<void> {
  for (const store of stores) {
    for (const key of await keysOf(store)) await kept(store).renew(key);
  }
}
