/**
 * The server of the peers that bring none: an item or a list of them comes by POST, is on the disk before it is answered, and
 * is counted by its id. One batch is one flushed write of LevelDB, as express-pouchdb has it beside it: less than what
 * fieldsync's server does for a push, which is to the peers' advantage. Arguments: folder, worker, items.
 */
import { createServer } from 'node:http';
import { promisify } from 'node:util';
import leveldown from 'leveldown';
import { Arrivals, files, report } from './page.mjs';

const [folder, worker, items] = process.argv.slice(2);
const level = leveldown(`${folder}/sink`);
await promisify(level.open.bind(level))();
const keep = promisify(level.batch.bind(level));
const arrivals = new Arrivals();
const given = files(worker, items);

async function take(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = JSON.parse(Buffer.concat(chunks).toString());
  const list = Array.isArray(body) ? body : [body];
  if (!list.every(({ id }) => typeof id === 'string')) throw new Error('an item without an id');
  const batch = list.map(item => ({ type: 'put', key: item.id, value: JSON.stringify(item) }));
  await keep(batch, { sync: true });
  for (const { id } of list) arrivals.add(id);
  return list.length;
}

/** What is on the disk, read from there. */
async function kept() {
  const iterator = level.iterator({ values: false, keyAsBuffer: false });
  const next = promisify((done) => iterator.next((error, key) => done(error, key)));
  let count = 0;
  while ((await next()) !== undefined) count += 1;
  await promisify(iterator.end.bind(iterator))();
  return count;
}

const server = createServer(async (request, response) => {
  const file = given.get(request.url);
  if (file) return response.writeHead(200, { 'content-type': file[0] }).end(file[1]);
  if (request.method !== 'POST') return response.writeHead(404).end();
  try {
    const accepted = await take(request);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ accepted }));
  } catch (error) {
    response.writeHead(400).end(String(error));
  }
});
// A connection that the peer still means to use is not closed under it.
server.keepAliveTimeout = 600_000;
report(server, async () => ({ kept: await kept(), ...arrivals.sum }));
