import init, { call, listen, open, sealAnew, vaultChanged } from 'fieldsync-wasm/fieldsync.js';
import wasmUrl from 'fieldsync-wasm/fieldsync_bg.wasm?url';
import { asCallError } from './call-error';
import { files, run } from './files';
import type {
  Account,
  CallError,
  Calls,
  ConnectivityTest,
  Draft,
  Item,
  ItemId,
  Latest,
  Listing,
  ListQuery,
  MetricsReport,
  OfMeter,
  Pack,
  Parcel,
  Records,
  RecordsQuery,
  Resolve,
  Rule,
  SchedulerAsk,
  SchedulerView,
  Settings,
  SettingsChange,
  Settled,
  SignIn,
  Status,
  Event as SyncEvent,
  TakenIn,
  Wake,
} from './generated';
import type { Attached } from './keep-file';
import { type Keyring, theKeyring } from './keyring';
import { nextTask } from './next-task';
import { tempo } from './tempo';

export { asCallError };

/** The engine, as a page or a script in the console uses it. Every promise rejects with a `CallError`. */
export interface Fieldsync {
  /** Saves a draft. Resolves once it is durably stored on this device; it is sent by itself. */
  enqueue(draft: Draft): Promise<Item>;
  /**
   * Saves a file of any size: its bytes are kept on this device, uploaded by themselves, and then its record goes. `told` hears how
   * many bytes are kept.
   */
  attach(file: Blob, said?: Attached, told?: (bytes: number) => void): Promise<Item>;
  /** One item, queued or done. */
  get(id: ItemId): Promise<Item>;
  /** A page of the queue or of the receipts, newest first. */
  list(query?: ListQuery): Promise<Listing>;
  /** Sends an item again that was set aside, or that waits for its time. */
  retry(id: ItemId): Promise<Item>;
  /** A person's choice between the two sides of a conflict. What they keep of their own goes as a new item. */
  resolve(choice: Resolve): Promise<Item>;
  /** Drops a queued item for good, and answers what it was. */
  discard(id: ItemId): Promise<Item>;
  /** A part of what is queued, to be taken to another device. It stays here. */
  pack(part?: Pack): Promise<Parcel>;
  /** Takes in what another device of the same person has packed. */
  takeIn(parcel: Parcel): Promise<TakenIn>;
  /** What sync is doing, and why it waits. */
  status(): Promise<Status>;
  /** Sends what is due. Resolves once that has settled. */
  syncNow(): Promise<Settled>;
  /** This device's name for itself, and who is signed in on it. */
  account(): Promise<Account>;
  /** Takes over what the server answered to a login; `signIn` in account.ts asks the server for it. */
  signedIn(login: SignIn): Promise<Account>;
  /** Signs out, and answers the token by which the server can be told. What is queued stays. */
  signedOut(): Promise<string | undefined>;
  /** The settings of background sync. */
  settings(): Promise<Settings>;
  /** Changes some of them, and answers all. They take effect at once, here, in other tabs and in the worker. */
  setSettings(change: SettingsChange): Promise<Settings>;
  /** The last reading of a meter that the server was known to have; from this device's own copy. */
  latest(meter: OfMeter): Promise<Latest>;
  /** A page of the records of a type that the server was known to have; from this device's own copy. */
  records(query: RecordsQuery): Promise<Records>;
  /** The priority rules. */
  rules(): Promise<Rule[]>;
  /** Keeps these rules in the place of those before; what is queued is scored anew. */
  setRules(rules: Rule[]): Promise<Rule[]>;
  /** What these rules would do to a page of the queue. Nothing is kept. */
  tryRules(rules: Rule[], page?: ListQuery): Promise<Listing>;
  /** The figures of the last drains, what they come to, and what they suggest. */
  metrics(): Promise<MetricsReport>;
  /** Forgets these figures. */
  eraseMetrics(): Promise<void>;
  /** Looks at the link with a few pings. Nothing is sent. */
  testConnection(): Promise<ConnectivityTest>;
  /** The scheduler of sync checks: how it stands, or what is to become of it. */
  scheduler(ask?: SchedulerAsk): Promise<SchedulerView>;
  /** Sends nothing until `resume`, not even by `syncNow`. */
  pause(): Promise<void>;
  /** Ends a pause. */
  resume(): Promise<void>;
  /** Tells the engine that sending may have become possible. */
  wake(wake: Wake): Promise<Settled>;
  /** The keys of this device's vault. */
  keyring: Keyring;
  /** Seals again what is not sealed as it would be today; answers whether that is all of it. */
  sealAnew(): Promise<boolean>;
  /** How much memory this page's engine has taken, in bytes. It never gives any back. */
  memory(): number;
  /** Hears of every committed change on this device, in whichever tab or worker. Answers how to stop. */
  on(listener: (event: SyncEvent) => void): () => void;
}

declare global {
  /** The page's engine, once it has started, which the window's event `fieldsync-ready` tells; for consoles and scripts. */
  var fieldsync: Fieldsync | undefined;
}

let connection: Promise<Fieldsync> | undefined;

/** Starts the page's engine, once; everyone on the page shares it. After a failure the next call tries again. */
export function connect(): Promise<Fieldsync> {
  connection ??= start().catch((error: unknown) => {
    connection = undefined;
    throw asCallError(error);
  });
  return connection;
}

/** The engine's code has not come: a network that breaks off, or none at the first visit. */
function notHere(): never {
  const message = 'The part of the app that saves has not come to this device yet.';
  throw { code: 'timeout', retryable: true, message } satisfies CallError;
}

async function start(): Promise<Fieldsync> {
  const { memory } = await init({ module_or_path: wasmUrl }).catch(notHere);
  const keyring = await theKeyring();
  await open('page', tempo(), keyring, files);
  keyring.onChange(vaultChanged);
  const listeners = new Set<(event: SyncEvent) => void>();
  listen((event: SyncEvent) => {
    for (const listener of [...listeners]) listener(event);
  });

  const ask = <K extends keyof Calls>(name: K, args: Calls[K][0]): Promise<Calls[K][1]> =>
    call(name, args) as Promise<Calls[K][1]>;
  const client: Fieldsync = {
    enqueue: draft => ask('enqueue', draft),
    attach: async (file, said, told) => (await import('./keep-file')).attach(client, file, said, told),
    get: id => ask('get', { id }),
    list: (query = {}) => ask('list', query),
    retry: id => ask('retry', { id }),
    resolve: choice => ask('resolve', choice),
    discard: id => ask('discard', { id }),
    pack: (part = {}) => ask('pack', part),
    takeIn: parcel => ask('takeIn', parcel),
    status: () => ask('status', {}),
    syncNow: () => ask('syncNow', {}),
    account: () => ask('account', {}),
    signedIn: login => ask('signIn', login),
    signedOut: async () => (await ask('signOut', {})).refreshToken,
    settings: () => ask('settings', {}),
    setSettings: change => ask('setSettings', change),
    latest: meter => ask('latest', meter),
    records: query => ask('records', query),
    rules: async () => (await ask('rules', {})).rules,
    setRules: async rules => (await ask('setRules', { rules })).rules,
    tryRules: (rules, page = {}) => ask('tryRules', { rules, page }),
    metrics: () => ask('metrics', {}),
    eraseMetrics: async () => void (await ask('eraseMetrics', {})),
    testConnection: () => ask('testConnection', {}),
    scheduler: (what = {}) => ask('scheduler', what),
    pause: async () => void (await ask('pause', {})),
    resume: async () => void (await ask('resume', {})),
    wake: wake => ask('wake', wake),
    keyring,
    sealAnew: () => sealAnew(),
    memory: () => memory.buffer.byteLength,
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  globalThis.fieldsync = client;
  dispatchEvent(new Event('fieldsync-ready'));
  wakeWithThePage(client);
  // Most devices have no vault, and need none of its code.
  const live = () => {
    if (keyring.state() !== 'absent')
      void import('./vault-life').then(({ live }) => live(client)).catch(() => {}); // the next page has it
  };
  keyring.onChange(live);
  live();
  return client;
}

/** What was uploaded is kept no longer. Few devices have files. */
async function sweep(client: Fieldsync): Promise<void> {
  if ((await run('files', all => all.count())) > 0) await (await import('./keep-file')).sweepFiles(client);
}

/** What TypeScript's library does not know of the navigator, and not every browser has. */
interface NavigatorWithPower {
  connection?: EventTarget;
  getBattery?: () => Promise<EventTarget>;
}

/** Where the browser has no Background Sync these are the moments at which the queue moves. */
function wakeWithThePage(client: Fieldsync): void {
  // How a wake ends is told by events and by `status`; nobody waits for it here.
  const wake = (cause: Wake['cause']) => void client.wake({ cause }).catch(() => {});
  addEventListener('online', () => wake('online'));
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') wake('visible');
  });
  // The charger, the battery, the kind of link: what was held for one of them may go now.
  const { connection, getBattery } = navigator as NavigatorWithPower;
  connection?.addEventListener('change', () => wake('power'));
  getBattery?.call(navigator).then(
    battery => battery.addEventListener('chargingchange', () => wake('power')),
    () => {}, // not to be had: it stays unknown
  );
  // The engine's first looks take a slow phone a while, so the page's own questions are answered before.
  void nextTask().then(() => wake('start'));
  const tidy = () => void sweep(client).catch(() => {}); // the next one does
  tidy();
  client.on(event => event.type === 'settled' && tidy());
}
