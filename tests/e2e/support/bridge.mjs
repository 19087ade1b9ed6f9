// What Playwright takes for Firefox: it starts the command that it is given, which starts Firefox in the device's namespace,
// and passes WebDriver BiDi on between the two. A command that this Firefox does not know yet and that no test hangs on is
// answered as if it did.
import { spawn } from 'node:child_process';
import { WebSocketServer } from 'ws';

/** Playwright sets the colour scheme of every page; Firefox 153 cannot. The tests set the app's own. */
const SPARED = new Set(['emulation.setMediaFeaturesOverride']);

const [program, ...args] = process.argv.slice(2);
const far = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
far.once('exit', () => process.exit());

far.once('message', () => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  const spared = new Set();
  server.once('listening', () => {
    process.stderr.write(`WebDriver BiDi listening on ws://127.0.0.1:${server.address().port}\n`);
  });
  server.once('connection', playwright => {
    playwright.on('message', text => {
      const command = JSON.parse(text);
      if (SPARED.has(command.method)) spared.add(command.id);
      far.send(command);
    });
    playwright.on('close', () => far.connected && far.disconnect());
    far.on('message', message => {
      const unknown = spared.delete(message.id) && message.error === 'unknown command';
      playwright.send(JSON.stringify(unknown ? { type: 'success', id: message.id, result: {} } : message));
    });
  });
});
