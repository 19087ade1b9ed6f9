// Starts Firefox, in the device's namespace, and passes WebDriver BiDi on between it and the test: Firefox listens on that
// namespace's loopback, where a test cannot reach it.
//
// Messages from the test are commands, to the test: {listening: true}, then answers and events. Firefox ends with this process.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import WebSocket from 'ws';

const [firefox, profile] = process.argv.slice(2);
const browser = spawn(firefox, ['--headless', '--remote-debugging-port=0', '--profile', profile], {
  stdio: ['ignore', 'ignore', 'pipe'],
});
browser.once('exit', () => process.exit());
process.once('exit', () => browser.kill('SIGKILL'));
process.once('disconnect', () => process.exit());

createInterface({ input: browser.stderr }).on('line', line => {
  const at = /BiDi listening on (ws:\S+)/.exec(line);
  if (!at) return;
  const socket = new WebSocket(`${at[1]}/session`, { perMessageDeflate: false });
  socket.on('open', () => process.send({ listening: true }));
  socket.on('message', text => process.send(JSON.parse(text)));
  socket.on('error', error => {
    throw error;
  });
  process.on('message', command => socket.send(JSON.stringify(command)));
});
