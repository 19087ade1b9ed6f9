// Shows /api/openapi.json. What it says goes in as text, never as markup.

const element = (name, content = [], attributes = {}) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...[content].flat().filter(part => part !== undefined && part !== ''));
  return made;
};
const code = text => element('code', text);

/** Plain text, with what stands between backquotes as code. */
const prose = (text = '') => text.split('`').map((part, at) => (at % 2 ? code(part) : part));
const paragraphs = (text = '') => text.split(/\n\n+/).filter(Boolean).map(part => element('p', prose(part)));

const table = (heads, rows) =>
  element('table', [
    element('thead', element('tr', heads.map(head => element('th', head)))),
    element('tbody', rows.map(row => element('tr', row.map(cell => element('td', cell))))),
  ]);

/** A schema in a few words, with links to those that have a name. */
function shape(schema) {
  if (!schema) return [];
  if (schema.$ref) {
    const name = schema.$ref.split('/').at(-1);
    return [element('a', code(name), { href: `#${name}` })];
  }
  const choices = schema.oneOf ?? schema.anyOf ?? schema.allOf;
  if (choices) return choices.flatMap((choice, at) => (at ? [' or ', ...shape(choice)] : shape(choice)));
  if (schema.enum) return schema.enum.flatMap((value, at) => (at ? [', ', code(value)] : [code(value)]));
  if (schema.type === 'array') return ['list of ', ...shape(schema.items)];
  const types = [schema.type ?? 'anything'].flat().map(type => (type === 'null' ? 'nothing' : type));
  return [types.join(' or '), ...(schema.pattern ? [' ', code(schema.pattern)] : [])];
}

/** What is under a media type, of a body or of an answer. */
const content = of =>
  Object.entries(of?.content ?? {}).flatMap(([type, { schema }], at) => [
    at ? element('br') : '',
    ...shape(schema),
    element('span', ` ${type}`, { class: 'quiet' }),
  ]);

function operation({ method, path, call }) {
  const rows = Object.entries(call.responses).map(([status, answer]) => [
    code(status),
    prose(answer.description),
    content(answer),
  ]);
  const asked = (call.parameters ?? []).map(({ name, in: where, required, schema, description }) => [
    code(name),
    `${where}${required ? '' : ', optional'}`,
    shape(schema),
    prose(description),
  ]);
  return element(
    'section',
    [
      element('h3', [element('span', method.toUpperCase(), { class: 'method' }), ' ', code(path)]),
      element('p', prose(call.summary)),
      ...paragraphs(call.description),
      element('p', call.security ? 'With an access token of the caller.' : 'Without an access token.', { class: 'quiet' }),
      ...(asked.length ? [table(['parameter', 'in', 'shape', ''], asked)] : []),
      ...(call.requestBody ? [element('p', ['Body: ', ...content(call.requestBody)])] : []),
      table(['answer', 'when', 'shape'], rows),
    ],
    { id: call.operationId },
  );
}

function type([name, schema]) {
  const fields = Object.entries(schema.properties ?? {}).map(([field, of]) => [
    code(field),
    schema.required?.includes(field) ? '' : 'optional',
    shape(of),
    prose(of.description),
  ]);
  const body = fields.length ? table(['field', '', 'shape', ''], fields) : element('p', shape(schema));
  return element('section', [element('h3', code(name)), ...paragraphs(schema.description), body], { id: name });
}

function show(api) {
  const calls = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, call]) => ({ method, path, call })),
  );
  const links = calls.map(({ method, path, call }) =>
    element('li', element('a', `${method.toUpperCase()} ${path}`, { href: `#${call.operationId}` })),
  );
  document.querySelector('nav').replaceChildren(element('ul', links));
  const groups = api.tags.flatMap(tag => [
    element('h2', tag.name),
    ...paragraphs(tag.description),
    ...calls.filter(({ call }) => call.tags.includes(tag.name)).map(operation),
  ]);
  const types = Object.entries(api.components.schemas).map(type);
  const main = document.querySelector('main');
  main.replaceChildren(...paragraphs(api.info.description), ...groups, element('h2', 'types'), ...types);
  // The place that the address names is there only now.
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

fetch('/api/openapi.json')
  .then(answer => (answer.ok ? answer.json() : Promise.reject(new Error(`status ${answer.status}`))))
  .then(show)
  .catch(error => {
    document.querySelector('main').textContent = `The document could not be loaded: ${error.message}.`;
  });
