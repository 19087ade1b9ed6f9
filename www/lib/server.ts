import { msg, str } from '@lit/localize';
import type { Problem } from './generated';
import { calls, type ServerCalls } from './server-calls';

/** The server's refusal of a call. */
export class ServerError extends Error {
  constructor(readonly problem: Pick<Problem, 'status' | 'detail'> & Partial<Problem>) {
    super(problem.detail);
  }
}

/** What goes with any call. */
export interface With {
  /** The caller's access token. */
  token?: string;
  /** The `ETag` of what is there already: where nothing has changed the answer is a `ServerError` of 304. */
  known?: string;
  signal?: AbortSignal;
}

/** The parts of a call, whichever it is. */
interface Asks {
  path?: Record<string, string>;
  query?: Record<string, string | number>;
  body?: unknown;
}

/** Calls the server by a name of its OpenAPI document. Rejects with a `ServerError`, or, without a network, as `fetch` does. */
export async function ask<K extends keyof ServerCalls>(
  name: K,
  asks: ServerCalls[K]['asks'],
  { token, known, signal }: With = {},
): Promise<ServerCalls[K]['answers']> {
  const { method, path } = calls[name];
  const { path: parts = {}, query = {}, body }: Asks = asks;
  const place = path.replace(/\{(\w+)\}/g, (_, part: string) => encodeURIComponent(parts[part] ?? ''));
  const search = new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)]));
  const headers = new Headers({ accept: 'application/json' });
  const request: RequestInit = { method, headers };
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
  if (known !== undefined) headers.set('if-none-match', known);
  if (signal) request.signal = signal;
  if (body !== undefined) {
    headers.set('content-type', 'application/json');
    request.body = JSON.stringify(body);
  }
  const response = await fetch(search.size ? `${place}?${search}` : place, request);
  if (!response.ok) throw new ServerError(await problemOf(response));
  return (response.status === 204 ? undefined : await response.json()) as ServerCalls[K]['answers'];
}

/** What a refusal says; of one that is no problem document, such as a proxy's, at least its status. */
async function problemOf(response: Response): Promise<ServerError['problem']> {
  const { status } = response;
  const bare = { status, detail: msg(str`The server answered ${status}.`) };
  if (!response.headers.get('content-type')?.startsWith('application/problem+json')) return bare;
  return response.json().catch(() => bare);
}
