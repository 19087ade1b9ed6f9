/**
 * Where the device and the server live: two network namespaces joined by a veth pair, so that the browser sees a real
 * link go down and come up. Where namespaces are not permitted, both live on this machine's loopback and the browser's
 * own offline emulation stands in.
 */
import { execFileSync } from 'node:child_process';

export interface Network {
  /** Whether the link is a real one. */
  readonly real: boolean;
  /** The address at which the device sees the server. */
  readonly address: string;
  /** Puts a command where the server lives. */
  inServer(command: string[]): string[];
  /** Puts a command where the device lives. */
  inDevice(command: string[]): string[];
  /** Takes the link up or down; does nothing where it is not a real one. */
  link(state: 'up' | 'down'): void;
  close(): void;
}

let count = 0;

export function network(): Network {
  const tag = `${process.pid}x${count++}`;
  return namespaces(tag) ?? loopback();
}

function namespaces(tag: string): Network | undefined {
  const [server, device] = [`fs-server-${tag}`, `fs-device-${tag}`];
  const [near, far] = [`fs${tag}s`.slice(-15), `fs${tag}d`.slice(-15)];
  const ip = (...args: string[]) => execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const close = () => {
    for (const name of [server, device]) {
      try {
        ip('netns', 'del', name);
      } catch {
        // It was never made.
      }
    }
  };
  try {
    ip('netns', 'add', server);
    ip('netns', 'add', device);
    ip('link', 'add', near, 'netns', server, 'type', 'veth', 'peer', 'name', far, 'netns', device);
    ip('-n', server, 'addr', 'add', '10.207.0.1/24', 'dev', near);
    ip('-n', device, 'addr', 'add', '10.207.0.2/24', 'dev', far);
    for (const [space, link] of [
      [server, 'lo'],
      [device, 'lo'],
      [server, near],
      [device, far],
    ] as const) {
      ip('-n', space, 'link', 'set', link, 'up');
    }
  } catch (error) {
    close();
    process.stdout.write(
      `# no network namespaces here, the browser's own offline emulation is used: ${error}\n`,
    );
    return undefined;
  }
  return {
    real: true,
    address: '10.207.0.1',
    inServer: command => ['ip', 'netns', 'exec', server, ...command],
    inDevice: command => ['ip', 'netns', 'exec', device, ...command],
    link: state => void ip('-n', device, 'link', 'set', far, state),
    close,
  };
}

function loopback(): Network {
  return {
    real: false,
    address: '127.0.0.1',
    inServer: command => command,
    inDevice: command => command,
    link: () => {},
    close: () => {},
  };
}
