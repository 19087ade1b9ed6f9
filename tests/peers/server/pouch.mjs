/**
 * express-pouchdb on LevelDB, each batch on the disk before it is answered. What came is counted from copies of the bodies, read
 * once the bench asks. Arguments: folder, worker, items.
 */
import { createServer } from 'node:http';
import express from 'express';
import pouchdb from 'express-pouchdb';
import leveldown from 'leveldown';
import PouchDB from 'pouchdb';
import { Arrivals, files, report } from './page.mjs';

const [folder, worker, items] = process.argv.slice(2);
const given = files(worker, items);
const bodies = [];

function flushed(location) {
  const level = leveldown(location);
  const batch = level._batch;
  level._batch = (operations, options, done) => batch.call(level, operations, { ...options, sync: true }, done);
  return level;
}

const Kept = PouchDB.defaults({ prefix: `${folder}/`, db: flushed });

const app = express();
app.use((request, response, next) => {
  const file = given.get(request.url);
  if (file) return response.type(file[0]).send(file[1]);
  if (request.url.endsWith('/_bulk_docs')) {
    const chunks = [];
    bodies.push(chunks);
    const { emit } = request;
    request.emit = function (name, ...values) {
      if (name === 'data') chunks.push(values[0]);
      return emit.call(this, name, ...values);
    };
  }
  next();
});
app.use('/db', pouchdb(Kept, { mode: 'minimumForPouchDB', inMemoryConfig: true, logPath: `${folder}/log.txt` }));

const server = createServer(app);
server.keepAliveTimeout = 600_000;
report(server, async () => {
  const arrivals = new Arrivals();
  for (const chunks of bodies)
    for (const { _id } of JSON.parse(Buffer.concat(chunks).toString()).docs) arrivals.add(_id);
  return { kept: (await new Kept('items').allDocs()).rows.length, ...arrivals.sum };
});
