/**
 * Hostile text in every field: markup, scripts, a megabyte, control characters, overrides of the direction. It is shown as
 * text on every page, runs nowhere, breaks no page's layout, and is cut where nobody would read on.
 */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { Fieldsync } from '../../www/lib/client.ts';
import type { Draft, Rule } from '../../www/lib/generated.ts';
import { go, thisMonth } from './support/app.ts';
import { anotherDevice, items, kept, ready, status, syncNow } from './support/device.ts';
import { scenario } from './support/scenario.ts';
import { until } from './support/until.ts';

const SCRIPT = '<img src=x onerror="globalThis.hacked=1">';
const TEXTS = {
  markup: `${SCRIPT}<script>hacked=1</script>`,
  template: '{{hacked=1}}<fs-app></fs-app>',
  address: 'javascript:hacked=1//"\' onfocus=hacked=1 autofocus x="',
  override: '\u202eevil\u202c \u2066isolated',
  controls: 'bell\u0007 nul\u0000 escape\u001b[31m',
  wide: `${'W'.repeat(60)}`,
  marks: `Z${'\u0301'.repeat(30)}`,
};
const HOSTILE = TEXTS.markup + TEXTS.override;
const MEGABYTE = 'x<b>'.repeat(2 ** 18);

/** Every page, and its title: that of the page before stays until this one is there. */
const PAGES: [path: string, title: string | RegExp][] = [
  ['/', 'Read a meter'],
  ['/route', 'Route'],
  ['/sync', /server|waiting|need|Sending|Checking/],
  ['/sync/queue', 'Queue'],
  ['/sync/conflicts', 'Conflicts'],
  ['/sync/receipts', 'Receipts'],
  ['/sync/priority', 'Priority'],
  ['/sync/rules', 'Priority rules'],
  ['/sync/history', 'History'],
  ['/sync/metrics', 'Figures'],
  ['/sync/settings', 'Settings'],
  ['/sign-in', 'Sign in'],
];

/** What of them comes after the first load. */
const LATER = [
  'conflicts',
  'receipts',
  'priority',
  'rules',
  'history',
  'metrics',
  'save-file',
  'settings',
  'fs-install',
  'sign-in',
];

const enqueue = (page: Page, drafts: Draft[]) =>
  page.evaluate(async drafts => {
    const outcomes: string[] = [];
    for (const draft of drafts) {
      await (globalThis.fieldsync as Fieldsync).enqueue(draft).then(
        () => outcomes.push('saved'),
        error => outcomes.push(error.code),
      );
    }
    return outcomes;
  }, drafts);

/** The same text in every field of every kind of record; and beside clean codes, for what codes may not be is refused. */
function drafts(text: string, name: string): Draft[] {
  const code = text.slice(0, 64);
  const reading = {
    property: code,
    unit: code,
    meter: code,
    period: thisMonth(),
    value: 1.5,
    readAt: Date.now(),
  };
  const answers = { [code]: text, nested: { [code]: [text, { [code]: text }] } };
  const clean = { ...reading, property: 'P-1', unit: name, meter: 'water' };
  return [
    { type: 'READING', data: { ...clean, note: text } },
    { type: 'ASSESSMENT', data: { kind: 'WASH', site: name, answers, note: text } },
    { type: 'READING', data: { ...reading, note: text, reader: code } },
    { type: 'ASSESSMENT', data: { kind: 'HEALTH', site: code, population: 3, answers, note: text } },
    { type: 'MEDIA', data: { mime: code, bytes: 'AAAA' } },
  ] as Draft[];
}

/** Every text that is on the page, through all shadows; hostile elements would be found beside it. */
const lookAt = (page: Page) =>
  page.evaluate(() => {
    const text: string[] = [];
    const strange: string[] = [];
    const walk = {
      visit(root: Node): void {
        for (const node of root.childNodes) {
          if (node.nodeType === Node.TEXT_NODE) text.push(node.textContent ?? '');
          if (!(node instanceof Element)) continue;
          const named = node.getAttributeNames().some(name => name.startsWith('on'));
          if (node.matches('script, iframe, object, img') || named)
            strange.push(node.outerHTML.slice(0, 200));
          const href = node.getAttribute('href') ?? '';
          if (/^\s*javascript:/i.test(href)) strange.push(href);
          if (node.localName === 'style') continue;
          if (node.shadowRoot) walk.visit(node.shadowRoot);
          walk.visit(node);
        }
      },
    };
    walk.visit(document.body);
    return {
      text: text.join(' '),
      strange,
      hacked: 'hacked' in globalThis,
      wider: document.documentElement.scrollWidth - innerWidth,
    };
  });

/** Nothing of it works, and nothing of it is invisible. */
async function harmless(page: Page, what: string): Promise<string> {
  const { text, strange, hacked, wider } = await lookAt(page);
  assert.equal(hacked, false, `${what}: something was executed`);
  assert.deepEqual(strange, [], `${what}: markup became elements`);
  assert.ok(wider <= 0, `${what}: it is ${wider} px wider than the screen`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const hidden = /[\u0000-\u0008\u000b-\u001f\u202a-\u202e\u2066-\u2069]/u.exec(text);
  assert.equal(
    hidden,
    null,
    `${what}: hidden characters: ${JSON.stringify(hidden?.input.slice(hidden.index - 40, hidden.index + 40))}`,
  );
  assert.ok(text.length < 200_000, `${what}: ${text.length} characters are more than a person reads`);
  return text;
}

async function everyPage(page: Page): Promise<void> {
  for (const [path, name] of PAGES) {
    await go(page, path);
    await page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
    await page.getByText('Loading', { exact: true }).waitFor({ state: 'detached' });
    await harmless(page, path);
  }
}

scenario(
  'hostile text in every field is text on every page, on its way and on the server',
  async ({ device }) => {
    const page = await device.install();
    for (const name of LATER) await kept(page, name);
    await device.online(page, false);
    for (const [name, text] of Object.entries(TEXTS)) {
      const outcomes = await enqueue(page, drafts(text, name));
      assert.ok(outcomes.includes('saved'), `${name}: ${outcomes}`);
    }
    const refused = await enqueue(page, drafts(MEGABYTE, 'large'));
    assert.ok(!refused.includes('internal'), `a megabyte: ${refused}`);
    const rule = (name: string, n: number): Rule => ({
      id: `rule-${n}`,
      name: name.slice(0, 100),
      on: true,
      points: 5,
      conditions: [{ field: '/note', op: 'contains', value: name.slice(0, 100) }],
    });
    const count = await page.evaluate(
      rules =>
        (globalThis.fieldsync as Fieldsync).setRules(rules).then(
          all => all.length,
          error => error.code,
        ),
      [TEXTS.markup, TEXTS.override, TEXTS.wide].map(rule),
    );
    assert.equal(count, 3);
    await everyPage(page);

    const queued = await items(page, 'queue');
    for (const { id } of queued) {
      await go(page, `/sync/queue?item=${id}`);
      await page.getByText(id).first().waitFor();
      await harmless(page, `detail of ${id}`);
    }

    await device.online(page, true);
    await syncNow(page);
    await until(
      'it has been answered',
      () => status(page),
      ({ totals }) => totals.pending + totals.blocked === 0,
      120,
    );
    await everyPage(page);
  },
  { seconds: 400 },
);

scenario(
  'what the server answers is no more trusted: another’s reading, and its refusals',
  async ({ device }) => {
    const page = await device.install();
    await syncNow(page);
    const hostile = { property: 'P-1', unit: 'U1', meter: 'water', period: thisMonth() };
    await anotherDevice(page, { ...hostile, value: 7, note: HOSTILE });
    await device.online(page, false);
    await enqueue(page, [{ type: 'READING', data: { ...hostile, value: 8, readAt: Date.now() } }]);
    await device.online(page, true);
    await until(
      'they clash',
      () => status(page),
      ({ totals }) => totals.conflict === 1,
      90,
    );
    // Whatever stands between may answer too: the push is refused in words of somebody else's.
    const body = JSON.stringify({
      type: 'about:blank',
      title: SCRIPT,
      status: 403,
      code: 'forbidden',
      detail: HOSTILE,
    });
    await device.worker().evaluate(body => {
      const real = globalThis.fetch.bind(globalThis);
      Object.assign(globalThis, {
        answered: 0,
        fetch(input: Request | string, init?: RequestInit) {
          const url = typeof input === 'string' ? input : input.url;
          if (!url.endsWith('/sync/push')) return real(input, init);
          (globalThis as unknown as { answered: number }).answered += 1;
          const headers = { 'content-type': 'application/problem+json' };
          return Promise.resolve(new Response(body, { status: 403, headers }));
        },
      });
    }, body);
    await enqueue(page, [
      { type: 'READING', data: { ...hostile, unit: 'U2', value: 9, readAt: Date.now() } },
    ]);
    await until(
      'it is refused',
      () => status(page),
      ({ hold }) => hold?.why === 'notAllowed',
      90,
    );
    const answered = () => (globalThis as unknown as { answered: number }).answered;
    assert.ok((await device.worker().evaluate(answered)) > 0, 'by what stands between');
    await page.goto(new URL('/sync/conflicts', page.url()).href);
    await ready(page);
    await page.locator('fs-rows a').first().click();
    await page.getByRole('heading', { name: 'Or choose field by field' }).waitFor();
    assert.match(await harmless(page, 'the conflict'), /<script>hacked=1<\/script>/);
    await everyPage(page);
  },
  { seconds: 300 },
);

scenario('what is forbidden to a page is noticed by these tests', async ({ device }) => {
  const page = await device.install();
  await page.evaluate(() => {
    const frame = document.createElement('iframe');
    frame.src = 'https://elsewhere.example/';
    const script = document.createElement('script');
    script.textContent = 'hacked = 1';
    document.body.append(script, frame);
  });
  await until(
    'it is noticed',
    () => device.faults,
    // Of the script and of the frame, whichever is told first and however often.
    faults => ['inline', 'elsewhere.example'].every(word => faults.some(fault => fault.includes(word))),
  );
  assert.equal((await lookAt(page)).hacked, false);
  device.faults.length = 0;
});

scenario('what is forbidden to the service worker is noticed too', async ({ device }) => {
  await device.install();
  await device.worker().evaluate(() =>
    fetch('https://elsewhere.example/').then(
      () => {},
      () => {},
    ),
  );
  await until(
    'it is noticed',
    () => device.faults.join(),
    faults => faults.includes('elsewhere.example'),
  );
  device.faults.length = 0;
});
