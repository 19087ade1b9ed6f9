// Which parts of files go by on a connection, and how much of each, counted from what the device sends.

const BEGIN = 'PATCH /api/v1/uploads/';

export class Chunks {
  #head = '';
  #left = 0;
  #part;

  /** `all` is added to. */
  constructor(all) {
    this.all = all;
  }

  /** Whether this is in the midst of a part. */
  hear(chunk) {
    if (this.#left > 0) return this.#body(chunk.length);
    const seen = this.#head + chunk.toString('latin1');
    const begins = seen.lastIndexOf(BEGIN);
    const ends = begins < 0 ? -1 : seen.indexOf('\r\n\r\n', begins);
    // A head comes in few pieces, the end of which is enough to know the next by.
    this.#head = ends < 0 ? seen.slice(-16_384) : '';
    if (ends < 0) return false;
    const head = seen.slice(begins, ends);
    const number = name => Number(new RegExp(`${name}: (\\d+)`, 'i').exec(head)?.[1] ?? 0);
    const path = head.split(' ', 2)[1];
    const from = number('upload-offset');
    /** Whether nothing was sent from there before. */
    this.isFirst = !this.all.some(part => part.path === path && part.from === from);
    this.#part = { path, from, length: number('content-length'), came: 0 };
    this.all.push(this.#part);
    this.#left = number('content-length');
    const body = seen.length - ends - 4;
    return body > 0 && this.#body(body);
  }

  #body(bytes) {
    const came = Math.min(bytes, this.#left);
    this.#left -= came;
    this.#part.came += came;
    return this.#left > 0;
  }
}
