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
    this.#head = (this.#head + chunk.toString('latin1')).slice(-16_384);
    const begins = this.#head.lastIndexOf(BEGIN);
    const ends = begins < 0 ? -1 : this.#head.indexOf('\r\n\r\n', begins);
    if (ends < 0) return false;
    const head = this.#head.slice(begins, ends);
    const number = name => Number(new RegExp(`${name}: (\\d+)`, 'i').exec(head)?.[1] ?? 0);
    const path = head.split(' ', 2)[1];
    this.#part = { path, from: number('upload-offset'), length: number('content-length'), came: 0 };
    this.all.push(this.#part);
    this.#left = number('content-length');
    const body = this.#head.length - ends - 4;
    this.#head = '';
    return body > 0 && this.#body(body);
  }

  #body(bytes) {
    const came = Math.min(bytes, this.#left);
    this.#left -= came;
    this.#part.came += came;
    return this.#left > 0;
  }
}
