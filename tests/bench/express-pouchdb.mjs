/**
 * express-pouchdb on a LevelDB in the given directory; prints its address. As it comes it leaves flushing to the system;
 * with `flushed` a batch is on the disk before it is answered, as our server has it.
 */
import express from 'express';
import serve from 'express-pouchdb';
import leveldown from 'leveldown';
import PouchDB from 'pouchdb';

const directory = `${process.argv[2]}/`;

function flushed(location) {
  const level = leveldown(location);
  const batch = level._batch;
  level._batch = (operations, options, done) => batch.call(level, operations, { ...options, sync: true }, done);
  return level;
}

const kept = process.argv[3] === 'flushed' ? { db: flushed } : {};
const app = express();
const options = { mode: 'minimumForPouchDB', inMemoryConfig: true, logPath: `${directory}log.txt` };
app.use('/', serve(PouchDB.defaults({ prefix: directory, ...kept }), options));
const server = app.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});
