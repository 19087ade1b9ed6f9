import { connect } from './client';
import type { AssessmentKind } from './generated';
import { kept } from './kept';
import { ask, ServerError } from './server';

/** What can be filled in: an assessment of a kind, or a response to one. */
export type FormName = AssessmentKind | 'RESPONSE';

/** The server's forms as they were when it was last asked. */
export interface KeptForms {
  version: string;
  /** JSON Schemas, by the forms' names. */
  forms: Record<string, unknown>;
}

const KEY = 'forms';
/** An answer is good for so long; the next reason to ask after that asks anew. Milliseconds. */
const GOOD_FOR = 10 * 60 * 1_000;
/** After a failure nobody asks by themselves for so long, unless the network came back. Milliseconds. */
const PAUSE = 60_000;
/** How long the server may take, in milliseconds. */
const PATIENCE = 30_000;

const shelf = kept('forms');
let asking: Promise<void> | undefined;
let askedAt = Number.NEGATIVE_INFINITY;
let failedAt = Number.NEGATIVE_INFINITY;
/** The access token that the server would not take; `null` is none. */
let refused: string | null | undefined;

/** Keeps the server's forms up to date: whenever there may be a connection, and when somebody has signed in. */
export function followForms(): void {
  const look = () => {
    const now = performance.now();
    if (now - askedAt > GOOD_FOR && now - failedAt > PAUSE) void lookForForms();
  };
  const comeBack = () => {
    failedAt = Number.NEGATIVE_INFINITY;
    look();
  };
  const begin = () => globalThis.fieldsync?.on(look);
  addEventListener('online', comeBack);
  if (globalThis.fieldsync) begin();
  else addEventListener('fieldsync-ready', begin, { once: true });
  addEventListener('load', look, { once: true });
}

/** Asks the server for its forms, where it can be reached; resolves in any case. A form that is open stays as it is. */
export function lookForForms(): Promise<void> {
  if (navigator.onLine === false) return Promise.resolve();
  asking ??= look()
    .catch(() => {
      // What was known before still serves, or what came with the app.
    })
    .finally(() => {
      asking = undefined;
    });
  return asking;
}

/** What the server said last. */
export async function keptForms(): Promise<KeptForms | undefined> {
  const found = (await shelf.get(KEY).catch(() => undefined)) as KeptForms | undefined;
  return found?.forms ? found : undefined;
}

async function look(): Promise<void> {
  const { accessToken } = await (await connect()).account();
  const token = accessToken ?? null;
  if (token === refused) return; // a new one comes with a login or with the next drain
  const known = await keptForms();
  try {
    const { version, forms } = await ask(
      'forms',
      {},
      {
        ...(token === null ? {} : { token }),
        ...(known ? { known: `"${known.version}"` } : {}),
        signal: AbortSignal.timeout(PATIENCE),
      },
    );
    if (typeof forms !== 'object' || forms === null) return; // a portal's answer
    await shelf.put(KEY, { version, forms } satisfies KeptForms);
    askedAt = performance.now();
  } catch (error) {
    const status = error instanceof ServerError ? error.problem.status : 0;
    if (status === 304) askedAt = performance.now();
    if (status === 401 || status === 403) refused = token;
    else if (status !== 304) failedAt = performance.now();
    throw error;
  }
}
