/**
 * A server that writes down whatever comes, each time it comes: a line of its journal is on the disk before it is answered, so that
 * a SIGKILL takes nothing of what was said to be there. It knows no ids: what comes twice is there twice, and whoever reads the
 * journal counts. Beside it the app's page and worker. Arguments: folder, worker, port (0: one that is free).
 */
import { closeSync, fdatasync, openSync, readFileSync, write, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';

const [folder, worker, port] = process.argv.slice(2);
const PAGE = `<!doctype html><title>items</title><script>navigator.serviceWorker.register('/sw.js')</script>`;
const journal = openSync(join(folder, 'journal'), 'a');
const [put, flush] = [promisify(write), promisify(fdatasync)];
// A line that a SIGKILL cut off, and that was never answered, is not continued.
writeSync(journal, '\n');

const server = createServer(async (request, response) => {
  const { method, url } = request;
  if (method !== 'POST') {
    const [type, text] =
      url === '/' ? ['text/html', PAGE] : url === '/sw.js' ? ['text/javascript', readFileSync(worker)] : [];
    if (!type) return response.writeHead(404).end();
    return response.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache' }).end(text);
  }
  try {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const item = JSON.parse(Buffer.concat(chunks).toString());
    await put(journal, `${JSON.stringify(item)}\n`);
    await flush(journal);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ accepted: 1 }));
  } catch (error) {
    response.writeHead(400).end(String(error));
  }
});
server.listen(Number(port), '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('disconnect', () => {
  closeSync(journal);
  process.exit();
});
