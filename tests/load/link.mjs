// A link as there is in the field: whatever goes through takes half of the round trip, and shares one line of so many bits a
// second with all other connections. Arguments: the port behind it, the round trip in ms, the rate in bits a second.
import { connect, createServer } from 'node:net';

const [target, roundTrip, rate] = process.argv.slice(2).map(Number);

/** One direction: what comes is sent on in order, when the line has carried it. */
function line() {
  let free = 0;
  return (bytes, deliver) => {
    const now = performance.now();
    free = Math.max(free, now) + (bytes * 8_000) / rate;
    setTimeout(deliver, free + roundTrip / 2 - now);
  };
}

const [up, down] = [line(), line()];

const server = createServer({ noDelay: true }, client => {
  const upstream = connect({ port: target, host: '127.0.0.1', noDelay: true });
  // A connection takes a round trip before its first byte goes.
  const open = performance.now() + roundTrip;
  const pass = (from, to, carry, notBefore) => {
    from.on('data', chunk => {
      const wait = Math.max(0, notBefore - performance.now());
      setTimeout(() => carry(chunk.length, () => to.writable && to.write(chunk)), wait);
    });
    from.on('end', () => carry(0, () => to.end()));
    from.on('error', () => to.destroy());
    from.on('close', () => carry(0, () => to.destroy()));
  };
  pass(client, upstream, up, open);
  pass(upstream, client, down, 0);
});

server.listen(0, '127.0.0.1', () => process.send?.({ port: server.address().port }));
process.on('disconnect', () => process.exit());
