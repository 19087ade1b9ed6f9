/** What stands between a device and a server in the server's namespace, and makes the link lie (relay.mjs, strain.mjs). */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Network } from './network.ts';
import { within } from './until.ts';

/**
 * What can become of what goes by: a slow link, a captive portal that answers everything itself, a server that fails, one that wants
 * to be left alone, answers that are cut short, answers that never come, those to what is sent that are lost on their way while all else goes well, and
 * pushes that somebody answers who keeps nothing.
 */
export type Strain = 'slow' | 'portal' | 'failing' | 'busy' | 'cutShort' | 'deaf' | 'unanswered' | 'liar';

/** A part of a file on its way: of which upload, from which byte, how many were meant to come and how many did. */
export interface Part {
  path: string;
  from: number;
  length: number;
  came: number;
}

export class Relay {
  private constructor(
    private readonly process: ChildProcess,
    /** Where the device finds the server. */
    readonly origin: string,
  ) {}

  /** Before what listens on this port of the server's namespace. */
  static async before(network: Network, port: number): Promise<Relay> {
    const script = new URL('./relay.mjs', import.meta.url).pathname;
    const [program = '', ...args] = network.inServer([process.execPath, script, network.address, `${port}`]);
    const relay = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const [ready] = (await once(relay, 'message')) as [{ port: number }];
    return new Relay(relay, `http://${network.address}:${ready.port}`);
  }

  /** Keeps back the answer to the next push. Resolves when the server has given it. */
  async holdNextAnswer(): Promise<{ given: Promise<void> }> {
    const message = once(this.process, 'message').then(() => {});
    const given = within('the server gives the answer that is kept back', 60, message);
    // A test that fails first never asks.
    given.catch(() => {});
    this.process.send({ hold: true });
    return { given };
  }

  /** Lets go of what was kept back; whoever still listens gets it. */
  release(): void {
    this.process.send({ hold: false });
  }

  /** Breaks off whatever asks for what begins with this path; nothing any more, when none is given. */
  breakOff(path: string): void {
    this.process.send({ cut: path });
  }

  /** Does something to all that goes by, until it is called with nothing. */
  strain(strain?: Strain): void {
    this.process.send({ strain: strain ?? '' });
  }

  /** Whether the device can reach the server, for where there is no link to take down. */
  reachable(state: boolean): void {
    this.process.send({ refuse: !state });
  }

  /** How many pushes have gone by so far, and the bytes of their bodies. */
  async sent(): Promise<{ pushes: number; bytes: number }> {
    const answer = once(this.process, 'message');
    this.process.send({ sent: true });
    const [sent] = await answer;
    return sent;
  }

  /** Cuts the next part of a file off in the midst of it, or has the rest of it wait. Resolves once that is so. */
  async halt(how: 'cut' | 'stall'): Promise<{ halted: Promise<void> }> {
    const message = once(this.process, 'message').then(() => {});
    const halted = within('a part of a file goes by', 120, message);
    halted.catch(() => {});
    this.process.send({ halt: how });
    return { halted };
  }

  /** The parts of files that have gone by so far. */
  async chunks(): Promise<Part[]> {
    const answer = once(this.process, 'message');
    this.process.send({ chunks: true });
    const [{ chunks }] = await answer;
    return chunks;
  }

  async close(): Promise<void> {
    const gone = this.process.exitCode === null ? once(this.process, 'exit') : undefined;
    this.process.disconnect();
    await gone;
  }
}
