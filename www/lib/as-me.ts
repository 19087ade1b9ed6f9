import { msg } from '@lit/localize';
import { asCallError, connect } from './client';
import type { CallError } from './generated';
import { errorWords } from './said-by-engine';
import { ask, ServerError } from './server';
import type { ServerCalls } from './server-calls';

/** How long the server may take to answer, in milliseconds. */
const PATIENCE = 30_000;

/** Calls the server with this device's login, as it is now. */
export async function askAsMe<K extends keyof ServerCalls>(
  name: K,
  asks: ServerCalls[K]['asks'],
  given?: AbortSignal,
): Promise<ServerCalls[K]['answers']> {
  const { accessToken } = await (await connect()).account();
  const patience = AbortSignal.timeout(PATIENCE);
  const signal = given ? AbortSignal.any([given, patience]) : patience;
  return ask(name, asks, { signal, ...(accessToken ? { token: accessToken } : {}) });
}

/** The same for a person who waits for it: a token whose time is over is renewed, which a drain does. */
export async function askForMe<K extends keyof ServerCalls>(
  name: K,
  asks: ServerCalls[K]['asks'],
  given?: AbortSignal,
): Promise<ServerCalls[K]['answers']> {
  try {
    return await askAsMe(name, asks, given);
  } catch (error) {
    if (!isSignedOut(error)) throw error;
    await (await connect()).syncNow();
    return askAsMe(name, asks, given);
  }
}

export const isSignedOut = (error: unknown): boolean =>
  error instanceof ServerError && error.problem.status === 401;

/** Nobody has answered: there is no connection, or not to this server. */
export const isUnreached = (error: unknown): boolean =>
  error instanceof TypeError || (error instanceof DOMException && error.name === 'TimeoutError');

/** What went wrong, as a sentence and field by field. */
export function refusalOf(error: unknown): Pick<CallError, 'message' | 'fields'> {
  if (isUnreached(error))
    return { message: msg('The server could not be reached. Try again once there is a connection.') };
  if (!(error instanceof ServerError)) return asCallError(error);
  const { code, detail, fields } = error.problem;
  return {
    message: errorWords({ message: detail, ...(code ? { code } : {}) }),
    ...(fields ? { fields } : {}),
  };
}
