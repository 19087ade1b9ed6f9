// Starts WebKit's driver on a display of its own, in the device's namespace, and passes requests on to it: it listens on that
// namespace's loopback, where a test cannot reach it. There too is the app's door: WebKit has service workers at a loopback
// address alone, so what comes to the door goes on to the server's address.
//
// Messages from the test: {id, method, path, body}. To the test: {origin}, then {id, value} or {id, error}.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

const [driver, host, port] = process.argv.slice(2);
const LOOPBACK = '127.0.0.1';

const children = [];
process.once('exit', () => {
  for (const child of children) child.kill('SIGTERM');
});
process.once('disconnect', () => process.exit());

function start(program, args, options) {
  const child = spawn(program, args, options);
  children.push(child);
  child.once('exit', () => process.exit());
  child.once('error', error => {
    throw error;
  });
  return child;
}

/** A server of which the port is known. */
async function listen(server) {
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  return server.address().port;
}

const door = await listen(
  createServer(client => {
    const server = connect(Number(port), host);
    client.pipe(server).pipe(client);
    for (const end of [client, server]) {
      end.on('error', () => {
        client.destroy();
        server.destroy();
      });
    }
  }),
);

const args = ['-displayfd', '3', '-screen', '0', '1024x900x24', '-nolisten', 'tcp'];
const screen = start('Xvfb', args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
const [display] = await once(screen.stdio[3], 'data');

// The driver does not say which port it took, so one that is free is named.
const probe = createServer();
const at = await listen(probe);
probe.close();
await once(probe, 'close');
const env = {
  ...process.env,
  DISPLAY: `:${String(display).trim()}`,
  // A system without a language, which WebKit then calls by a name that is none.
  LC_ALL: 'C.UTF-8',
  // In a namespace as root its own sandbox cannot be made.
  WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1',
};
start(driver, [`--port=${at}`], { stdio: ['ignore', 'inherit', 'inherit'], env });

async function ask(method, path, body) {
  const init = body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const answer = await fetch(`http://${LOOPBACK}:${at}${path}`, { method, ...init });
  return (await answer.json()).value;
}

/** Resolves when the driver listens. */
async function up() {
  for (;;) {
    const socket = connect(at, LOOPBACK);
    const [found] = await Promise.race([
      once(socket, 'connect').then(() => ['there']),
      once(socket, 'error').then(() => []),
    ]).catch(() => []);
    socket.destroy();
    if (found) return;
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}

await up();
process.send({ origin: `http://${LOOPBACK}:${door}` });
process.on('message', async ({ id, method, path, body }) => {
  try {
    process.send({ id, value: await ask(method, path, body) });
  } catch (error) {
    process.send({ id, error: `${error}` });
  }
});
