/** What is watched of sync checks: the log, the event for an error tracker, the figures (A14). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { type Failure, figuresFrom, type LogLevel, more, tellable } from '../../www/lib/watching.ts';
import { enter, go } from './support/app.ts';
import { accessible } from './support/axe.ts';
import { drained } from './support/device.ts';
import { checked, scenario, view } from './support/scheduler.ts';
import { until } from './support/until.ts';

/** What a person has entered; no word of it may be told. */
const PRIVATE = 'Mrs Miller, flat 12';

const UPTIME = 'Running on this page';
const SUCCESS = 'Checks that came to a report';
const DURATION = 'Milliseconds for a check';
const LATENCY = 'Milliseconds until this page heard of a check';
const LIMITED = 'Answered from the last report';

/** One of the figures that the page shows, also while they are folded. */
const figure = async (page: Page, words: string): Promise<string> => {
  const term = page.locator('dt').filter({ hasText: words });
  return (await page.locator('.figures div').filter({ has: term }).locator('dd').textContent()) ?? '';
};

/** Waits until this page is watched, and a check was heard of. */
async function watched(page: Page): Promise<void> {
  await go(page, '/sync/health');
  await until(
    'a check was heard of',
    () => figure(page, LATENCY),
    shown => /^\d+$/.test(shown),
  );
}

/** What the app says on the console from now on, by level. */
function log(page: Page): string[] {
  const lines: string[] = [];
  page.on('console', message => {
    if (message.text().startsWith('fieldsync: '))
      lines.push(`${message.type()}: ${message.text().slice(11)}`);
  });
  return lines;
}

const says = (lines: string[], what: RegExp) =>
  until(
    `the log has ${what}`,
    () => lines,
    () => lines.some(line => what.test(line)),
  );

const setLevel = (page: Page, level: LogLevel) =>
  page.evaluate(level => localStorage.setItem('fieldsync.log', level), level);

/** Keeps what an error tracker would hear from now on; answers how to read it. */
async function tracker(page: Page): Promise<() => Promise<Failure[]>> {
  await page.evaluate(() => {
    const failures: unknown[] = [];
    Object.assign(globalThis, { failures });
    addEventListener('fieldsync:error', ({ detail }) => failures.push(detail));
  });
  return () => page.evaluate(() => (globalThis as unknown as { failures: Failure[] }).failures);
}

/** An organisation's own script, which tells an error tracker. It fails at that, each time; and in two other ways. */
const ORGANISATION = `
  globalThis.failures = [];
  addEventListener('fieldsync:error', async ({ detail }) => {
    failures.push(detail);
    await undefined;
    throw new RangeError('It cannot be forwarded.');
  });
  const entered = ${JSON.stringify(PRIVATE)};
  setTimeout(() => JSON.parse(entered));
  fieldsync.get(entered);
`;

/** Has the page load a script of the organisation's; answers how to read which failures it was told. */
async function withScript(page: Page, body: string): Promise<() => Promise<Failure[]>> {
  const src = new URL('/organisation.js', page.url()).href;
  await page.context().route(src, route => route.fulfill({ contentType: 'text/javascript', body }));
  await page.evaluate(src => {
    const script = document.createElement('script');
    script.src = src;
    document.head.append(script);
  }, src);
  return () => page.evaluate(() => (globalThis as unknown as { failures?: Failure[] }).failures ?? []);
}

/** The server's answer to one check, and to no other, is broken. */
async function breakOneCheck(page: Page): Promise<void> {
  const heartbeat = new URL('/api/v1/sync/heartbeat', page.url()).href;
  await page.context().route(heartbeat, route => route.fulfill({ status: 500, body: PRIVATE }), { times: 1 });
}

scenario(
  'the log says nothing until a check fails, and then so once, to an error tracker too',
  async ({ device }) => {
    const page = await device.install();
    const lines = log(page);
    const told = await tracker(page);
    await enter(page, { property: 'P-1', unit: 'U1', value: '17', note: PRIVATE });
    await watched(page);
    assert.deepEqual([lines, await told()], [[], []]);

    const message = 'A sync check came to no report.';
    await breakOneCheck(page);
    await says(lines, /^error:/);
    // The next one succeeds, and is not worth a word.
    await checked(page, (await view(page))?.lastRun ?? 0);
    assert.deepEqual(lines, [`error: check: ${message} (check_failed)`]);
    assert.deepEqual(await told(), [{ where: 'check', code: 'check_failed', message }]);
  },
);

scenario(
  'errors that nobody handled are told by name and place, with none of what was entered',
  async ({ device }) => {
    const page = await device.install();
    const lines = log(page);
    await watched(page);
    const failures = await withScript(page, ORGANISATION);
    await until('all are told', failures, ({ length }) => length >= 3);
    await until(
      'they are logged',
      () => lines,
      ({ length }) => length >= 3,
    );
    // The browser itself tells of each time: two, and three that could not be forwarded.
    await until(
      'they are noticed by these tests',
      () => device.faults,
      ({ length }) => length >= 5,
    );
    device.faults.length = 0;
    const all = await failures();
    const kinds = all.map(({ where, code, places }) => [where, code, places?.[0]?.split(':')[0]]);
    assert.deepEqual(kinds.sort(), [
      ['page', 'RangeError', 'organisation.js'],
      ['page', 'SyntaxError', 'organisation.js'],
      ['page', 'bad_request', undefined],
    ]);
    assert.deepEqual(lines.map(line => /^error: page: .*\((\w+)\)/.exec(line)?.[1]).sort(), [
      'RangeError',
      'SyntaxError',
      'bad_request',
    ]);
    assert.ok(!/Miller|flat/.test(JSON.stringify([all, lines])));
  },
);

scenario(
  'how much is logged is the device’s to say, or the build’s, and takes effect at once',
  async ({ device }) => {
    const page = await device.install();
    const lines = log(page);
    await setLevel(page, 'info');
    await says(lines, /^info: check ended: in step, heard of after \d+ ms$/);
    await enter(page, { property: 'P-1', unit: 'U1', value: '17', note: PRIVATE });
    await drained(page);
    await says(lines, /^info: sync ended: 1 done and 0 not of 1, 0 remain, in \d+ ms$/);
    assert.deepEqual(
      lines.filter(line => !line.startsWith('info: ')),
      [],
    );
    await setLevel(page, 'debug');
    await says(lines, /^debug: event: checked$/);

    await setLevel(page, 'off');
    const told = await tracker(page);
    await breakOneCheck(page);
    await until('the tracker hears of it', told, ({ length }) => length === 1);
    assert.deepEqual(
      lines.filter(line => line.startsWith('error: ')),
      [],
    );

    lines.length = 0;
    // What the build says counts where the device says nothing.
    await page.evaluate(() => {
      const meta = document.createElement('meta');
      [meta.name, meta.content] = ['fieldsync-log', 'info'];
      document.head.append(meta);
      localStorage.removeItem('fieldsync.log');
    });
    await says(lines, /^info: check ended: in step/);
    assert.ok(!lines.join().includes('Miller'));
  },
);

scenario('sync health and the figures show how checks have gone on this page', async ({ device }) => {
  const page = await device.install();
  await watched(page);
  await page.getByText('Details for support').click();
  await page.getByText(LATENCY).waitFor();
  assert.equal(await figure(page, SUCCESS), '100%');
  assert.match(await figure(page, DURATION), /^\d+$/);
  assert.equal(await figure(page, LIMITED), '0');
  await accessible(page);

  const [uptime, done] = [await figure(page, UPTIME), Number(await figure(page, 'Checks done'))];
  const both = async () => [await figure(page, UPTIME), Number(await figure(page, 'Checks done'))] as const;
  await until('a check is shown', both, ([later, more]) => later !== uptime && more > done);

  // By hand, as often as it takes to come within a second of another one: it is the worker that counts these.
  await until(
    'a wish is answered from the last report',
    async () => {
      await page.getByRole('button', { name: 'Run check now' }).click();
      return Number(await figure(page, LIMITED));
    },
    limited => limited > 0,
  );

  await breakOneCheck(page);
  await until(
    'the check that failed is shown',
    () => figure(page, SUCCESS),
    shown => shown !== '100%',
  );
  assert.equal(await figure(page, 'Checks failed'), '1');

  await go(page, '/sync/metrics');
  const checks = page.getByRole('region', { name: 'Sync checks' });
  for (const words of [UPTIME, SUCCESS, DURATION, LATENCY, LIMITED]) await checks.getByText(words).waitFor();
  assert.match(await figure(page, LATENCY), /^\d+$/);
  assert.ok(Number(await figure(page, LIMITED)) > 0);
  await accessible(page);
});

test('the figures are what the counts come to, and unknown before there are any', () => {
  const counts = { done: 3, failed: 1, limited: 2, tookMs: 100 };
  assert.deepEqual(figuresFrom(counts, { last: 9, sum: 40, heard: 5 }, 1_500), {
    uptimeMs: 1_500,
    done: 3,
    failed: 1,
    successRate: 0.75,
    meanMs: 25,
    latencyMs: 9,
    meanLatencyMs: 8,
    limited: 2,
  });
  const none = figuresFrom(
    { done: 0, failed: 0, limited: 0, tookMs: 0 },
    { last: 0, sum: 0, heard: 0 },
    undefined,
  );
  assert.deepEqual(
    [none.uptimeMs, none.successRate, none.meanMs, none.latencyMs, none.meanLatencyMs],
    [undefined, undefined, undefined, undefined, undefined],
  );
});

test('a worker that has begun anew counts from nothing', () => {
  const then = { done: 1, failed: 0, limited: 1, tookMs: 20 };
  const wish = { done: 2, failed: 0, limited: 1, tookMs: 50 };
  assert.deepEqual(more(wish, then), { done: 1, failed: 0, limited: 0, tookMs: 30 });
  const anew = { done: 1, failed: 0, limited: 0, tookMs: 30 };
  assert.deepEqual(more(anew, then), anew);
  assert.deepEqual(
    more(anew, { ...anew, tookMs: 10 }),
    anew,
    'one wish in its life, as there was in the last',
  );
});

test('of an error only its name, the browser’s words and places in the code are told', () => {
  const cited = new SyntaxError(`Unexpected token 'M', "${PRIVATE}" is not valid JSON`);
  cited.stack = `SyntaxError: ${cited.message}
    at JSON.parse (<anonymous>)
    at read (https://example.org/assets/home-Ab_1.js:1:23)
    at https://example.org/assets/fieldsync_bg-x.wasm:wasm-function[7]:0xab`;
  assert.deepEqual(tellable(cited), {
    code: 'SyntaxError',
    message: 'Unexpected token … is not valid JSON',
    places: ['home-Ab_1.js:1:23', 'fieldsync_bg-x.wasm:wasm-function[7]:0xab'],
  });
  const refused = { code: 'other_account', retryable: false, message: `This is the work of ${PRIVATE}.` };
  assert.deepEqual(tellable(refused), { code: 'other_account', message: 'Refused, and nobody expected it.' });
  assert.deepEqual(tellable(PRIVATE), { message: 'Something was thrown that is no error.' });
  assert.deepEqual(tellable(null), { message: 'Something was thrown that is no error.' });
});
