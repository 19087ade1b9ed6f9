import { msg } from '@lit/localize';
import type { Fieldsync } from './client';
import type { Account, CallError, Credentials, Problem, Tokens } from './generated';

/** How long the server may take to answer a login, in milliseconds. */
const PATIENCE = 30_000;

/**
 * Signs in with an address and a password; what waits on this device is sent then. Rejects with a `CallError`: the
 * server's reason, or that it was not reached.
 */
export async function signIn(client: Fieldsync, email: string, password: string): Promise<Account> {
  const { deviceId, email: before } = await client.account();
  const credentials: Credentials = { email, password, deviceId };
  const tokens = (await ask('/api/v1/auth/login', credentials)) as Tokens;
  const after = email.trim().toLowerCase();
  let passes = false;
  try {
    // The vault goes with its person, before anything of the next one is stored. Who left work here keeps the device.
    passes = before !== undefined && before !== after && (await client.status()).queueSize === 0;
    if (before !== undefined && passes) await client.keyring.handOver(before, after);
    // What a browser that was ended in the midst of that had put away is found again.
    else if ((await client.keyring.stored()) === undefined) await client.keyring.handOver('', after);
    const account = await client.signedIn({ email, tokens });
    void client.scheduler({ wish: 'news' }).catch(() => {}); // of this person's devices nothing is known yet
    return account;
  } catch (error) {
    // Who could not sign in has no device: it is still the first one's.
    if (before !== undefined && passes) await client.keyring.handOver(after, before);
    void end(tokens.refreshToken); // the device did not take it: the server need not keep it
    throw error;
  }
}

/** Signs out. What is queued stays on this device, and waits for the same person. */
export async function signOut(client: Fieldsync): Promise<void> {
  const refreshToken = await client.signedOut();
  if (refreshToken) void end(refreshToken);
}

/** Ends a login on the server too. Where it is not reached the login ends by its own time. */
async function end(refreshToken: string): Promise<void> {
  await ask('/api/v1/auth/logout', { refreshToken }).catch(() => {});
}

async function ask(path: string, body: unknown): Promise<unknown> {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    cache: 'no-store',
    signal: AbortSignal.timeout(PATIENCE),
  }).catch(() => {
    throw refusal(msg('There is no connection to the server. Sign in once there is one.'), true);
  });
  if (response.status === 204) return undefined;
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok && answer) return answer;
  const { detail, fields } = (answer ?? {}) as Partial<Problem>;
  throw { ...refusal(detail ?? msg('The server did not answer as it should. Please try again.')), fields };
}

function refusal(message: string, retryable = false): CallError {
  return { code: 'invalid', retryable, message };
}
