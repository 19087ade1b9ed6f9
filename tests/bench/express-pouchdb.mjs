/** express-pouchdb on a LevelDB in the given directory; prints its address. */
import express from 'express';
import serve from 'express-pouchdb';
import PouchDB from 'pouchdb';

const directory = `${process.argv[2]}/`;
const app = express();
const options = { mode: 'minimumForPouchDB', inMemoryConfig: true, logPath: `${directory}log.txt` };
app.use('/', serve(PouchDB.defaults({ prefix: directory }), options));
const server = app.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});
