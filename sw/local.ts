/// <reference lib="webworker" />
/**
 * The interface that the device answers itself, online or not: `/api/v1/sync/background/…` and `…/connectivity-test`. What a
 * request means and what its answer looks like is the engine's to say. With `?device=` it is about another device, and the
 * server's to answer.
 */
import type { CallError, HttpReply } from '../www/lib/generated';
import { ask } from './engine';

const OURS = /^\/api\/v1\/sync\/(background\/|connectivity-test$)/;

/** Whether the request is the device's own to answer; if so, it is being answered. */
export function answer(event: FetchEvent): boolean {
  const { origin, pathname, searchParams } = new URL(event.request.url);
  if (origin !== location.origin || !OURS.test(pathname) || searchParams.has('device')) return false;
  event.respondWith(reply(event.request, pathname));
  return true;
}

async function reply(request: Request, path: string): Promise<Response> {
  const body = request.method === 'GET' || request.method === 'HEAD' ? undefined : await request.text();
  const {
    status,
    body: content,
    problem,
    allow,
  } = await ask('http', {
    method: request.method,
    path,
    ...(body ? { body } : {}),
  }).catch(stopped);
  const headers = new Headers({
    'content-type': problem ? 'application/problem+json' : 'application/json',
    'cache-control': 'no-store',
  });
  if (allow) headers.set('allow', allow);
  return new Response(JSON.stringify(content), { status, headers });
}

/** The engine could not be asked at all. */
function stopped({ code, message }: CallError): HttpReply {
  const [status, title] = code === 'internal' ? [500, 'Internal'] : [503, 'Unavailable'];
  const body = { type: 'about:blank', title, status, detail: message, code: title.toLowerCase() };
  return { status, body, problem: true };
}
