import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { ask, ServerError } from './server';
import type { Property } from './server-calls';

/** The last good answer, for times without a network; another shape of it gets another key. */
const KEY = 'fieldsync.properties.1';

let known: Property[] | undefined;
let asking = false;
let answered = false;
const watchers = new Set<() => void>();

/**
 * What can be suggested while typing, for an element that shows it: first what was known the last time, then what the
 * server says now. Nothing depends on it: where it cannot be had, there is nothing to suggest.
 */
export class Properties implements ReactiveController {
  readonly #changed = () => this.host.requestUpdate();

  constructor(private readonly host: ReactiveControllerHost) {
    host.addController(this);
  }

  get all(): Property[] {
    known ??= kept();
    return known;
  }

  hostConnected(): void {
    if (watchers.size === 0) addEventListener('online', look);
    watchers.add(this.#changed);
    look();
  }

  hostDisconnected(): void {
    watchers.delete(this.#changed);
    if (watchers.size === 0) removeEventListener('online', look);
  }
}

/** Asks the server, once a page; later when there is no network, or when it could not be reached. */
function look(): void {
  if (answered || asking || navigator.onLine === false) return;
  asking = true;
  load()
    .then(found => {
      answered = true;
      known = found;
      keep(found);
      for (const changed of watchers) changed();
    })
    .catch(() => {
      // What was known before still serves.
    })
    .finally(() => {
      asking = false;
    });
}

async function load(): Promise<Property[]> {
  try {
    return parse(await ask('demoProperties', {}));
  } catch (error) {
    // A server that has none says so; any other failure says nothing.
    if (error instanceof ServerError && error.problem.status === 404) return [];
    throw error;
  }
}

function keep(found: Property[]): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ properties: found }));
  } catch {
    // Without storage they are only missing after a reload without a network.
  }
}

function kept(): Property[] {
  try {
    return parse(JSON.parse(localStorage.getItem(KEY) ?? '{"properties":[]}'));
  } catch {
    return [];
  }
}

/** The server's answer, or what was kept of it: whatever has no code is left out, and what is no list is no answer. */
function parse(body: unknown): Property[] {
  if (!Array.isArray((body as { properties?: unknown } | null)?.properties)) throw new Error('not a list');
  return list(body, 'properties').map(property => ({
    ...named(property),
    units: list(property, 'units').map(unit => ({
      ...named(unit),
      meters: list(unit, 'meters').map(meter => ({
        code: text(meter, 'code'),
        kind: text(meter, 'kind'),
        unit: text(meter, 'unit'),
      })),
    })),
  }));
}

function list(from: unknown, name: string): unknown[] {
  const found = typeof from === 'object' && from !== null && (from as Record<string, unknown>)[name];
  return Array.isArray(found) ? found.filter(one => text(one, 'code') !== '') : [];
}

function text(from: unknown, name: string): string {
  const found = typeof from === 'object' && from !== null && (from as Record<string, unknown>)[name];
  return typeof found === 'string' ? found : '';
}

const named = (from: unknown): { code: string; name: string } => ({
  code: text(from, 'code'),
  name: text(from, 'name'),
});
