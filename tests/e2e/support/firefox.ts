/** A device with stock Firefox, driven over WebDriver BiDi, in the device's network namespace. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Network } from './network.ts';
import type { Server } from './server.ts';
import { until, within } from './until.ts';

const FIREFOX = process.env.FIREFOX ?? '/usr/bin/firefox-esr';

/** What BiDi answers to a command, or tells by itself. */
interface Message {
  listening?: true;
  id?: number;
  error?: string;
  message?: string;
  method?: string;
  result?: Record<string, unknown>;
  params?: Record<string, unknown>;
}

/** What a script came to. */
interface Evaluated {
  type: 'success' | 'exception';
  result?: { value?: string };
  exceptionDetails?: { text: string };
}

export class Firefox {
  /** What went wrong on any page. */
  readonly faults: string[] = [];
  private commands = 0;
  private readonly waiting = new Map<number, (message: Message) => void>();

  private constructor(
    private readonly process: ChildProcess,
    private readonly network: Network,
    private readonly server: Server,
  ) {
    process.on('message', (message: Message) => {
      if (message.id !== undefined) this.waiting.get(message.id)?.(message);
      const text = String(message.params?.text ?? '');
      if (message.method === 'log.entryAdded' && /Content.Security.Policy|panicked/i.test(text))
        this.faults.push(text);
    });
  }

  static async start(network: Network, folder: string, server: Server): Promise<Firefox> {
    const profile = join(folder, 'firefox');
    mkdirSync(profile);
    writeFileSync(join(profile, 'user.js'), preferences(new URL(server.origin).hostname));
    const script = new URL('./bidi.mjs', import.meta.url).pathname;
    const [program = '', ...args] = network.inDevice([process.execPath, script, FIREFOX, profile]);
    const child = spawn(program, args, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, HOME: folder },
    });
    await within('Firefox starts', 60, once(child, 'message'));
    const firefox = new Firefox(child, network, server);
    await firefox.send('session.new', { capabilities: {} });
    await firefox.send('session.subscribe', { events: ['log.entryAdded'] });
    return firefox;
  }

  /** One command of WebDriver BiDi. */
  async send(method: string, params: object): Promise<Record<string, unknown>> {
    const id = ++this.commands;
    const answer = new Promise<Message>(resolve => this.waiting.set(id, resolve));
    this.process.send({ id, method, params });
    const { error, message, result } = await within(method, 120, answer);
    this.waiting.delete(id);
    if (error) throw new Error(`${method}: ${error}: ${message}`);
    return result ?? {};
  }

  /** Opens a page of this origin in a tab of its own. */
  async visit(path: string): Promise<Tab> {
    const { context } = await this.send('browsingContext.create', { type: 'tab' });
    const url = path === 'about:blank' ? path : this.server.origin + path;
    await this.send('browsingContext.navigate', { context, url, wait: 'complete' });
    return new Tab(this, context as string);
  }

  /** Opens the app and waits until its engine is there. */
  async open(): Promise<Tab> {
    const page = await this.visit('/');
    await page.waitFor(() => globalThis.fieldsync !== undefined);
    return page;
  }

  /** Opens the app for the first time: waits until it is kept for offline use. */
  async install(): Promise<Tab> {
    const page = await this.open();
    await page.waitFor(() => navigator.serviceWorker.controller !== null);
    return page;
  }

  /**
   * Takes the device off the network, or back onto it, and waits until the browser has noticed. Firefox has no offline
   * emulation: where the link is not a real one the server cannot be reached, and the browser still believes itself online.
   */
  async online(page: Tab, state: boolean): Promise<void> {
    if (!this.network.real) return this.server.reachable(state);
    this.network.link(state ? 'up' : 'down');
    await page.waitFor(state ? () => navigator.onLine : () => !navigator.onLine);
  }

  /** Keeps screenshots. */
  async keep(folder: string): Promise<void> {
    const { contexts } = await this.send('browsingContext.getTree', {});
    for (const [n, { context }] of (contexts as { context: string }[]).entries()) {
      const { data } = await this.send('browsingContext.captureScreenshot', { context });
      writeFileSync(join(folder, `page-${n}.png`), data as string, 'base64');
    }
  }

  async close(): Promise<void> {
    const gone = this.process.exitCode === null ? once(this.process, 'exit') : undefined;
    this.process.disconnect();
    await gone;
  }
}

/** A tab. */
export class Tab {
  constructor(
    private readonly firefox: Firefox,
    private readonly context: string,
  ) {}

  /** Calls a function in the page. What goes in and comes out is JSON. */
  async evaluate<R, A>(work: (argument: A) => R | Promise<R>, argument?: A): Promise<R> {
    // The name helper is what the TypeScript loader leaves in a function's text.
    const call = `async text => {
      const __name = value => value;
      return JSON.stringify(await (${work})(JSON.parse(text))) ?? 'null';
    }`;
    const answer = await this.firefox.send('script.callFunction', {
      functionDeclaration: call,
      awaitPromise: true,
      target: { context: this.context },
      arguments: [{ type: 'string', value: JSON.stringify(argument ?? null) }],
    });
    const { type, result, exceptionDetails } = answer as unknown as Evaluated;
    if (type === 'exception') throw new Error(exceptionDetails?.text);
    return JSON.parse(result?.value ?? 'null');
  }

  /** Waits until it holds in the page. */
  async waitFor(condition: () => boolean): Promise<void> {
    await until(
      `${condition}`,
      () => this.evaluate(condition),
      holds => holds,
    );
  }

  /** Puts the tab in front of the others. */
  async show(): Promise<void> {
    await this.firefox.send('browsingContext.activate', { context: this.context });
  }

  async close(): Promise<void> {
    await this.firefox.send('browsingContext.close', { context: this.context });
  }
}

/** Firefox lets this address have service workers and Web Locks, and asks nobody else for anything. */
function preferences(host: string): string {
  const all = {
    'dom.securecontext.allowlist': host,
    'app.normandy.enabled': false,
    'browser.shell.checkDefaultBrowser': false,
    'datareporting.policy.dataSubmissionEnabled': false,
    'extensions.update.enabled': false,
    'network.manage-offline-status': true,
    'network.captive-portal-service.enabled': false,
    'network.connectivity-service.enabled': false,
    'services.settings.server': 'data:,',
  };
  return Object.entries(all)
    .map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`)
    .join('');
}
