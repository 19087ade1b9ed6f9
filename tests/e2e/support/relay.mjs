// A TCP relay in the server's namespace. The demo server listens on loopback alone; the device reaches it through here,
// and here the link can be made to lie: an answer can be kept back after the server has given it.
//
// Messages from the test: {hold: true} keeps back the answer to the next push, {hold: false} lets go of it,
// {refuse: true} resets every connection, and every new one until {refuse: false}; {cut: path} resets those that ask for what
// begins like this, until {cut: ''}; {strain: name} does something to everything that goes by (strain.mjs), until {strain: ''}.
// {halt: 'cut'} resets the next part of a file that is sent for the first time in the midst of it, {halt: 'stall'} lets the rest
// of it wait for ever; {chunks: true} asks which parts of files have gone by; {sent: true} how many pushes.
// To the test: {port}, {held: true}, {halted: true}, {chunks: [{path, from, length, came}]}, {pushes, bytes}.
import { connect, createServer } from 'node:net';
import { answerOf, Liar, Strained } from './strain.mjs';
import { Chunks } from './chunks.mjs';

const [address, target] = [process.argv[2], Number(process.argv[3])];
const PUSH = 'POST /api/v1/sync/push';
const pairs = new Set();
let refusing = false;
let holding = false;
let held;
let cut = '';
let strain = '';
let halt = '';
const chunks = [];
/** Pushes, and the bytes of their bodies as they went by. */
const sent = { pushes: 0, bytes: 0 };

const server = createServer(client => {
  if (refusing) return client.resetAndDestroy();
  const upstream = connect(target, '127.0.0.1');
  const pair = { client, upstream };
  pairs.add(pair);
  let pushing = false;
  let posting = false;
  const [there, back] = [new Strained(upstream), new Strained(client)];
  let liar;
  const passing = new Chunks(chunks);
  let stalled = false;
  let tail = ''; // of what came before: a request line may come in two chunks
  client.on('data', chunk => {
    if (stalled) return;
    if (passing.hear(chunk) && halt && passing.isFirst) {
      stalled = true;
      if (halt === 'cut') client.resetAndDestroy();
      halt = '';
      return process.send({ halted: true });
    }
    const seen = tail + chunk.toString('latin1');
    if (cut && seen.includes(`GET ${cut}`)) return client.resetAndDestroy();
    if (strain === 'liar' && seen.includes(PUSH)) liar ??= new Liar();
    if (liar) {
      const lie = liar.hear(chunk);
      return lie && client.end(lie);
    }
    const answer = answerOf(strain, chunk);
    if (answer) {
      client.end(answer);
      return upstream.destroy();
    }
    const length = /^POST \/api\/v1\/sync\/push .*?content-length: (\d+)/is.exec(chunk.toString('latin1', 0, 4_096));
    if (length) {
      sent.pushes += 1;
      sent.bytes += Number(length[1]);
    }
    // One connection carries one request at a time.
    posting = /^POST /.test(chunk.toString('latin1', 0, 5)) || (posting && !/^[A-Z]+ \//.test(chunk.toString('latin1', 0, 9)));
    tail = seen.slice(-Math.max(PUSH.length, cut.length + 4) + 1);
    pushing ||= holding && seen.includes(PUSH);
    there.write(chunk, strain);
  });
  upstream.on('data', chunk => {
    if (posting && strain === 'unanswered') return client.resetAndDestroy();
    if (!pushing) return back.write(chunk, strain);
    if (holding) {
      held ??= [];
      held.push(() => client.write(chunk));
      if (held.length === 1) process.send({ held: true });
    } else {
      client.write(chunk);
    }
  });
  for (const [one, other] of [
    [client, upstream],
    [upstream, client],
  ]) {
    one.on('error', () => other.destroy());
    one.on('close', () => {
      other.destroy();
      pairs.delete(pair);
    });
  }
});

server.listen(0, address, () => process.send({ port: server.address().port }));

process.on('message', message => {
  if (message.hold === true) holding = true;
  if (message.hold === false) {
    holding = false;
    for (const write of held ?? []) write();
    held = undefined;
  }
  if (message.cut !== undefined) cut = message.cut;
  if (message.halt !== undefined) halt = message.halt;
  if (message.chunks) process.send({ chunks });
  if (message.strain !== undefined) strain = message.strain;
  if (message.sent) process.send(sent);
  if (message.refuse !== undefined) refusing = message.refuse;
  if (refusing) for (const { client, upstream } of pairs) for (const end of [client, upstream]) end.resetAndDestroy();
});
process.on('disconnect', () => process.exit());
