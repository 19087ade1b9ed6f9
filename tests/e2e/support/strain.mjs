// What a bad link, and what stands on its way, does to what goes by (relay.mjs).
import { gunzipSync } from 'node:zlib';

/** Milliseconds that each piece takes on a slow link, and its bytes in each of them. */
const DELAY = 300;
const BYTES_A_MS = 20;

const answer = (status, headers, body) =>
  [`HTTP/1.1 ${status}`, `content-length: ${Buffer.byteLength(body)}`, 'connection: close', ...headers, '', body].join('\r\n');

const ANSWERS = {
  portal: answer('200 OK', ['content-type: text/html'], '<h1>Welcome to our network. Please sign in.</h1>'),
  failing: answer('500 Internal Server Error', ['content-type: text/plain'], 'oops'),
  busy: answer('429 Too Many Requests', ['retry-after: 1'], ''),
};

/** What is answered in the server's place. */
export const answerOf = strain => ANSWERS[strain];

/** One direction of a connection. */
export class Strained {
  #due = 0;

  constructor(socket) {
    this.socket = socket;
  }

  write(chunk, strain) {
    if (strain === 'deaf') return;
    if (strain === 'cutShort') {
      this.socket.write(chunk.subarray(0, chunk.length >> 1));
      return this.socket.destroySoon();
    }
    const now = performance.now();
    const wait = strain === 'slow' ? DELAY + chunk.length / BYTES_A_MS : 0;
    this.#due = Math.max(now, this.#due) + wait;
    // In the order in which it came, also what comes when the link is good again.
    if (this.#due > now) setTimeout(() => this.socket.writable && this.socket.write(chunk), this.#due - now);
    else this.socket.write(chunk);
  }
}

/** Answers pushes in the server's form, with receipts for everything, and keeps nothing: what nobody can protect a device from. */
export class Liar {
  #heard = Buffer.alloc(0);

  /** The answer to a push, once all of it has come; `undefined` until then, and for what is no push. */
  hear(chunk) {
    this.#heard = Buffer.concat([this.#heard, chunk]);
    const [head] = this.#heard.toString('latin1').split('\r\n\r\n', 1);
    const body = this.#heard.subarray(head.length + 4);
    if (body.length < Number(/content-length: (\d+)/i.exec(head)?.[1] ?? Number.POSITIVE_INFINITY)) return;
    const { items } = JSON.parse(/content-encoding: gzip/i.test(head) ? gunzipSync(body) : body);
    const results = items.map(({ id }) => ({ id, status: 'applied', version: 1 }));
    return answer('200 OK', ['content-type: application/json'], JSON.stringify({ results, cursor: '0' }));
  }
}
