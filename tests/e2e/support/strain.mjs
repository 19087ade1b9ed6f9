// What a bad link, and what stands on its way, does to what goes by (relay.mjs).

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
