/** What every peer's server gives beside its own: a page that starts the service worker, the worker, the items. */
import { readFileSync } from 'node:fs';

const PAGE = `<!doctype html><title>bench</title><script>navigator.serviceWorker.register('/sw.js')</script>`;

/** Answers of these paths, by path: type and bytes. */
export function files(worker, items) {
  return new Map([
    ['/', ['text/html', PAGE]],
    ['/sw.js', ['text/javascript', readFileSync(worker)]],
    ['/items.json', ['application/json', readFileSync(items)]],
  ]);
}

/** Says where it listens, and from then on how it stands whenever it is asked, to whoever started it. */
export function report(server, stand) {
  server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
  process.on('message', async () => process.send(await stand()));
  process.on('disconnect', () => process.exit());
}

/** How often each id has come. */
export class Arrivals {
  #count = new Map();

  add(id) {
    this.#count.set(id, (this.#count.get(id) ?? 0) + 1);
  }

  /** How many came, and how often beyond the first time. */
  get sum() {
    const all = [...this.#count.values()].reduce((sum, count) => sum + count, 0);
    return { deliveries: all, twice: all - this.#count.size };
  }
}
