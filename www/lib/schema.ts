import { type Schema as LibrarySchema, Validator } from '@cfworker/json-schema';
import { asObject } from './describe';

/**
 * A form's JSON Schema as questions in their order. Whether something holds is the library's to say; here is only what to
 * ask. Beside the standard's own words a form may say `x-unit`, and `x-widget`: `long` or `position`.
 */
export type Schema = Record<string, unknown>;

/** How a question is asked. */
export type Kind = 'text' | 'long' | 'number' | 'date' | 'yes' | 'one' | 'many' | 'position';

export interface Option {
  value: string;
  title: string;
}

/** A question. */
export interface Question {
  /** Where its answer is in the record: the names that lead there, joined by slashes. */
  path: string;
  kind: Kind;
  schema: Schema;
  title: string;
  hint: string;
  unit: string;
  needed: boolean;
  /** What can be chosen. */
  options: Option[];
}

/** Questions that belong together. */
export interface Section {
  path: string;
  title: string;
  hint: string;
  parts: Part[];
}

export type Part = Question | Section;

export const isSection = (part: Part): part is Section => 'parts' in part;

/** All questions of these parts, in order. */
export const questionsOf = (parts: Part[]): Question[] =>
  parts.flatMap(part => (isSection(part) ? questionsOf(part.parts) : [part]));

/** What the library found at a place of the record. */
export interface Fault {
  path: string;
  keyword: string;
  words: string;
}

/** What stands in an object: names with their schemas in order, and which are needed. */
interface Members {
  all: [string, Schema][];
  needed: Set<string>;
}

/** How deep a form may refer to itself. */
const DEEP = 12;

export class Form {
  readonly title: string;
  readonly hint: string;
  readonly #root: Schema;
  readonly #validator: Validator;
  readonly #conditions = new WeakMap<object, Validator>();

  /** Throws where it is no schema at all. */
  constructor(root: unknown) {
    const schema = asObject(root);
    if (!schema) throw new Error('a form is an object');
    this.#root = schema;
    this.#validator = new Validator(schema as LibrarySchema, '2020-12', false);
    this.title = text(schema.title);
    this.hint = text(schema.description);
  }

  /** What is asked, given what is known so far. */
  parts(record: unknown): Part[] {
    return this.#parts(this.#root, record, '', 0);
  }

  /** What keeps the record from being accepted; the root of it all is told by its parts. */
  faults(record: unknown): Fault[] {
    return this.#validator.validate(record).errors.map(({ instanceLocation, keyword, error }) => ({
      path: pathOf(instanceLocation),
      keyword,
      words: error,
    }));
  }

  /** Whether there is such a field, whatever else is answered. */
  knows(path: string): boolean {
    return this.#find(this.#root, path.split('/'), 0) !== undefined;
  }

  /** Whether there is such a question, under some condition or under none. */
  asks(path: string): boolean {
    const found = this.#find(this.#root, path.split('/'), 0);
    return found !== undefined && found.readOnly !== true;
  }

  #find(given: Schema, names: string[], depth: number): Schema | undefined {
    const [name, ...rest] = names;
    const node = this.#resolve(given);
    if (name === undefined || depth > DEEP) return name === undefined ? node : undefined;
    const inside = asObject(asObject(node.properties)?.[name]);
    const found = inside && this.#find(inside, rest, depth + 1);
    if (found) return found;
    const branches = [...list(node.allOf), node.then, node.else];
    for (const branch of [...branches, ...Object.values(asObject(node.dependentSchemas) ?? {})]) {
      const object = asObject(branch);
      const there = object && this.#find(object, names, depth + 1);
      if (there) return there;
    }
    return undefined;
  }

  #parts(node: Schema, record: unknown, at: string, depth: number): Part[] {
    const inside = asObject(record) ?? {};
    const { all, needed } = this.#members(node, inside, depth);
    return all.flatMap(([name, given]) => {
      const schema = this.#resolve(given);
      const path = at ? `${at}/${name}` : name;
      if (depth > DEEP || schema.readOnly === true || 'const' in schema) return [];
      if (schema.type === 'object' || schema.properties) {
        const parts = this.#parts(schema, inside[name], path, depth + 1);
        const title = text(schema.title);
        return title && parts.length > 0 ? [{ path, title, hint: text(schema.description), parts }] : parts;
      }
      const question = ask(path, name, schema, this.#options(schema));
      return question ? [{ ...question, needed: needed.has(name) }] : [];
    });
  }

  /** An object's members, with those that come by a condition after what brings them. */
  #members(given: Schema, record: Record<string, unknown>, depth: number): Members {
    const node = this.#resolve(given);
    const members: Members = { all: [], needed: new Set() };
    if (depth > DEEP) return members;
    for (const [name, schema] of Object.entries(asObject(node.properties) ?? {}))
      put(members, name, schema, undefined);
    add(members.needed, node.required);
    const more = (schema: unknown, after?: string) => {
      const branch = asObject(schema);
      if (!branch) return;
      const { all, needed } = this.#members(branch, record, depth + 1);
      let last = after;
      for (const [name, one] of all) {
        put(members, name, one, last);
        last = last && name;
      }
      add(members.needed, [...needed]);
    };
    for (const each of list(node.allOf)) more(each);
    const condition = asObject(node.if);
    if (condition) {
      const by = Object.keys(asObject(condition.properties) ?? {}).at(-1);
      more(this.#holds(condition, record) ? node.then : node.else, by);
    }
    for (const [name, schema] of Object.entries(asObject(node.dependentSchemas) ?? {}))
      if (name in record) more(schema, name);
    for (const [name, names] of Object.entries(asObject(node.dependentRequired) ?? {}))
      if (name in record) add(members.needed, names);
    return members;
  }

  #holds(condition: Schema, record: unknown): boolean {
    let validator = this.#conditions.get(condition);
    if (!validator) {
      // What it refers to is in the whole.
      const { $defs, $id } = this.#root;
      const whole = { ...condition, ...($defs ? { $defs } : {}), ...($id ? { $id } : {}) };
      validator = new Validator(whole as LibrarySchema, '2020-12');
      this.#conditions.set(condition, validator);
    }
    return validator.validate(record).valid;
  }

  /** What a reference within the form leads to, under what stands beside it. */
  #resolve(schema: Schema): Schema {
    let found = schema;
    for (let times = 0; typeof found.$ref === 'string' && times < DEEP; times++) {
      const { $ref, ...beside } = found;
      const names = String($ref).startsWith('#/') ? pathOf(String($ref)).split('/') : [];
      const to = names.reduce<unknown>((inside, name) => asObject(inside)?.[name], this.#root);
      found = { ...asObject(to), ...beside };
    }
    return found;
  }

  #options(schema: Schema): Option[] {
    const items = asObject(schema.items);
    const from = schema.type === 'array' && items ? this.#resolve(items) : schema;
    const values = list(from.enum).map(value => ({ const: value }));
    return [...values, ...list(from.oneOf), ...list(from.anyOf)].flatMap(one => {
      const option = asObject(one);
      if (!option || !('const' in option)) return [];
      const value = String(option.const);
      return [{ value, title: text(option.title) || value }];
    });
  }
}

function ask(path: string, name: string, schema: Schema, options: Option[]): Question | undefined {
  const kind = kindOf(schema, options);
  if (!kind) return undefined;
  return {
    path,
    kind,
    schema,
    title: text(schema.title) || name,
    hint: text(schema.description),
    unit: text(schema['x-unit']),
    needed: false,
    options,
  };
}

function kindOf(schema: Schema, options: Option[]): Kind | undefined {
  const type = list(schema.type).find(one => one !== 'null') ?? schema.type;
  if (schema['x-widget'] === 'position') return 'position';
  if (type === 'array') return options.length > 0 ? 'many' : undefined;
  if (type === 'boolean') return 'yes';
  if (options.length > 0) return 'one';
  if (type === 'integer' || type === 'number') return 'number';
  if (type !== 'string' && type !== undefined) return undefined;
  if (schema.format === 'date') return 'date';
  return schema['x-widget'] === 'long' ? 'long' : 'text';
}

/** Puts a member in its place; what is said of one twice holds together. */
function put({ all }: Members, name: string, schema: unknown, after: string | undefined): void {
  const given = asObject(schema);
  if (!given || name === '__proto__' || name.includes('/')) return;
  const there = all.find(([known]) => known === name);
  if (there) {
    there[1] = { ...there[1], ...given };
    return;
  }
  const place = after === undefined ? -1 : all.findIndex(([known]) => known === after);
  all.splice(place < 0 ? all.length : place + 1, 0, [name, given]);
}

function add(names: Set<string>, more: unknown): void {
  for (const name of list(more)) if (typeof name === 'string') names.add(name);
}

/** `#/answers/water` → `answers/water`. */
const pathOf = (pointer: string): string =>
  pointer
    .replace(/^#\/?/, '')
    .split('/')
    .map(name => decodeURIComponent(name).replaceAll('~1', '/').replaceAll('~0', '~'))
    .join('/');

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
