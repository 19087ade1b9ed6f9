/** WebKitGTK's own small browser, by the W3C's WebDriver, in the device's network namespace. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Network } from './network.ts';
import type { Server } from './server.ts';
import { atMost, until, within } from './until.ts';

const DRIVER = process.env.WEBKIT_DRIVER ?? '/usr/bin/WebKitWebDriver';

/** What the driver answers; where it has failed, why. */
interface Answer {
  id: number;
  value?: unknown;
  error?: string;
}

/** A name that WebDriver gives an element. */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

/** Finds the first such element that is seen, through all shadows, whose label or text has these words. */
const FIND = `
  const [selector, words] = arguments;
  const found = [];
  const walk = root => {
    for (const element of root.querySelectorAll('*')) {
      if (element.shadowRoot) walk(element.shadowRoot);
      if (!element.matches(selector)) continue;
      const said = element.labels?.[0] ?? element;
      if (said.textContent.replace(/\\s+/g, ' ').includes(words) && element.getClientRects().length > 0)
        found.push(element);
    }
  };
  walk(document);
  return found[0];
`;

export class WebKit {
  /** Nothing: WebDriver hears no console. */
  readonly faults: string[] = [];
  private requests = 0;
  private readonly waiting = new Map<number, (answer: Answer) => void>();
  private session = '';

  private constructor(
    private readonly process: ChildProcess,
    private readonly network: Network,
    private readonly server: Server,
    private readonly origin: string,
  ) {
    process.on('message', (answer: Answer) => this.waiting.get(answer.id)?.(answer));
  }

  static async start(network: Network, folder: string, server: Server): Promise<WebKit> {
    const script = new URL('./webdriver.mjs', import.meta.url).pathname;
    const { hostname, port } = new URL(server.origin);
    const [program = '', ...args] = network.inDevice([process.execPath, script, DRIVER, hostname, port]);
    const child = spawn(program, args, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, HOME: folder, XDG_RUNTIME_DIR: folder },
    });
    const [{ origin }] = (await within('WebKit’s driver starts', 60, once(child, 'message'))) as [
      { origin: string },
    ];
    const webkit = new WebKit(child, network, server, origin);
    const { sessionId } = (await webkit.ask('POST', '/session', { capabilities: {} })) as {
      sessionId: string;
    };
    webkit.session = `/session/${sessionId}`;
    await webkit.ask('POST', `${webkit.session}/timeouts`, { script: atMost(30), pageLoad: atMost(60) });
    return webkit;
  }

  /** One request of WebDriver. */
  private async ask(method: string, path: string, body?: object): Promise<unknown> {
    const id = ++this.requests;
    const answer = new Promise<Answer>(resolve => this.waiting.set(id, resolve));
    this.process.send({ id, method, path, body });
    const { value, error } = await within(`${method} ${path}`, 90, answer);
    this.waiting.delete(id);
    const failed = error ?? (value as { error?: string; message?: string } | null)?.error;
    if (failed)
      throw new Error(`${method} ${path}: ${failed} ${(value as { message?: string })?.message ?? ''}`);
    return value;
  }

  private post = (command: string, body: object) => this.ask('POST', `${this.session}/${command}`, body);

  /** Opens a page of the app. */
  async open(path = '/'): Promise<void> {
    await this.post('url', { url: this.origin + path });
    await this.waitFor(() => globalThis.fieldsync !== undefined);
  }

  /** Calls a function in the page. What goes in and comes out is JSON. */
  async evaluate<R, A = undefined>(work: (argument: A) => R | Promise<R>, argument?: A): Promise<R> {
    // The name helper is what the TypeScript loader leaves in a function's text.
    const script = `
      const [text, done] = arguments;
      const __name = value => value;
      (async () => (${work})(JSON.parse(text)))().then(
        value => done({ value: JSON.stringify(value) ?? 'null' }),
        error => done({ error: String(error?.stack ?? error) }),
      );`;
    const answer = await this.post('execute/async', { script, args: [JSON.stringify(argument ?? null)] });
    const { value, error } = answer as { value?: string; error?: string };
    if (error) throw new Error(error);
    return JSON.parse(value ?? 'null');
  }

  /** Waits until it holds in the page. */
  async waitFor(condition: () => boolean): Promise<void> {
    await until(
      `${condition}`,
      () => this.evaluate(condition),
      holds => holds,
    );
  }

  /** Waits until there is such an element, whose label or text has these words. */
  private async find(selector: string, words: string): Promise<string> {
    const script = { script: FIND, args: [selector, words] };
    const found = await until(
      `${selector}: ${words}`,
      () => this.post('execute/sync', script) as Promise<Record<string, string> | null>,
      element => element !== null && element !== undefined,
    );
    return `element/${found?.[ELEMENT]}`;
  }

  /** Waits until it is to be seen. */
  async sees(selector: string, words: string): Promise<void> {
    await this.find(selector, words);
  }

  async click(selector: string, words: string): Promise<void> {
    await this.post(`${await this.find(selector, words)}/click`, {});
  }

  /** Types into the field of this label, key by key. */
  async type(label: string, text: string): Promise<void> {
    await this.post(`${await this.find('input, textarea', label)}/value`, { text });
  }

  /** Takes the device off the network, or back onto it; where the link is not a real one the server cannot be reached. */
  online(state: boolean): void {
    if (this.network.real) this.network.link(state ? 'up' : 'down');
    else this.server.reachable(state);
  }

  /** Keeps a screenshot. */
  async keep(folder: string): Promise<void> {
    const picture = await this.ask('GET', `${this.session}/screenshot`);
    writeFileSync(join(folder, 'page.png'), picture as string, 'base64');
  }

  /** Its title: what else it shows is in the picture. */
  async words(): Promise<string[]> {
    return [await this.evaluate(() => `${location.pathname}: ${document.title}`)];
  }

  async close(): Promise<void> {
    await this.ask('DELETE', this.session).catch(() => {});
    const gone = this.process.exitCode === null ? once(this.process, 'exit') : undefined;
    this.process.disconnect();
    await gone;
  }
}
