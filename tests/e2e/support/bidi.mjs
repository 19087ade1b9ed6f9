// Starts Firefox, in the device's namespace, and passes WebDriver BiDi on between it and the bridge.
//
// Messages from the bridge are commands, to the bridge: {listening: true}, then answers and events. Firefox and this process
// end with one another.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import WebSocket from 'ws';

const [pid, firefox, ...args] = process.argv.slice(2);
const browser = spawn(firefox, args, { stdio: ['ignore', 'inherit', 'pipe'] });
writeFileSync(pid, `${browser.pid}`);
browser.once('exit', () => process.exit());
process.once('exit', () => browser.kill('SIGKILL'));
process.once('disconnect', () => process.exit());

createInterface({ input: browser.stderr }).on('line', line => {
  const at = /BiDi listening on (ws:\S+)/.exec(line);
  if (!at) return;
  const socket = new WebSocket(`${at[1]}/session`, { perMessageDeflate: false, maxPayload: 2 ** 28 });
  socket.on('open', () => process.send({ listening: true }));
  socket.on('message', text => process.send(JSON.parse(text)));
  socket.on('close', () => process.disconnect());
  socket.on('error', error => {
    throw error;
  });
  process.on('message', command => socket.send(JSON.stringify(command)));
});
