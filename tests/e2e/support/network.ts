/**
 * Where the device and the server live: two network namespaces joined by a veth pair, so that the browser sees a real
 * link go down and come up. Where namespaces are not permitted, both live on this machine's loopback and the browser's
 * own offline emulation stands in.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

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

/** How the namespaces of a process are named. */
const OURS = /^fs-(?:server|device)-(\d+)x\d+$/;

/** The server's, as the device sees it. */
const ADDRESS = '10.207.0.1';

let count = 0;
/** What is still to be removed when this process ends. */
const open = new Set<() => void>();

/** `gateway`: with a route to everywhere, without which Firefox takes the best link for none. */
export function network({ gateway = false } = {}): Network {
  if (count === 0) tidy();
  const tag = `${process.pid}x${count++}`;
  return namespaces(tag, gateway) ?? loopback();
}

/** Removes what an earlier process left that was killed, and sees to it that this one leaves nothing. */
function tidy(): void {
  let names: string[] = [];
  try {
    names = readdirSync('/run/netns');
  } catch {
    // There never was a namespace here.
  }
  for (const name of names) {
    const pid = Number(OURS.exec(name)?.[1] ?? process.pid);
    if (!runs(pid)) remove(name);
  }
  process.once('exit', () => {
    for (const close of open) close();
  });
  // Without a listener these end the process and say nothing to `exit`.
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

const ip = (...args: string[]) => execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });

function remove(name: string): void {
  try {
    ip('netns', 'del', name);
  } catch {
    // It was never made, or is gone.
  }
}

function namespaces(tag: string, gateway: boolean): Network | undefined {
  const [server, device] = [`fs-server-${tag}`, `fs-device-${tag}`];
  const [near, far] = [`fs${tag}s`.slice(-15), `fs${tag}d`.slice(-15)];
  const close = () => {
    remove(server);
    remove(device);
    open.delete(close);
  };
  const link = (state: 'up' | 'down') => {
    ip('-n', device, 'link', 'set', far, state);
    if (gateway && state === 'up') ip('-n', device, 'route', 'replace', 'default', 'via', ADDRESS);
  };
  open.add(close);
  try {
    ip('netns', 'add', server);
    ip('netns', 'add', device);
    ip('link', 'add', near, 'netns', server, 'type', 'veth', 'peer', 'name', far, 'netns', device);
    ip('-n', server, 'addr', 'add', `${ADDRESS}/24`, 'dev', near);
    ip('-n', device, 'addr', 'add', '10.207.0.2/24', 'dev', far);
    for (const [space, name] of [
      [server, 'lo'],
      [device, 'lo'],
      [server, near],
    ] as const) {
      ip('-n', space, 'link', 'set', name, 'up');
    }
    // With its address of IPv6, which comes a moment later: Firefox hears by it alone that a link is there or gone.
    link('up');
  } catch (error) {
    close();
    process.stdout.write(
      `# no network namespaces here, the browser's own offline emulation is used: ${error}\n`,
    );
    return undefined;
  }
  return {
    real: true,
    address: ADDRESS,
    inServer: command => ['ip', 'netns', 'exec', server, ...command],
    inDevice: command => ['ip', 'netns', 'exec', device, ...command],
    link,
    close,
  };
}

/** Both on this machine. */
export function loopback(): Network {
  return {
    real: false,
    address: '127.0.0.1',
    inServer: command => command,
    inDevice: command => command,
    link: () => {},
    close: () => {},
  };
}
