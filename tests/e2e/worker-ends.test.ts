/** Browsers end a worker when they like. A page that has asked it for something sees that by the lock that it held. */
import assert from 'node:assert/strict';
import type { Fieldsync } from '../../www/lib/client.ts';
import { scenario } from './support/scenario.ts';

const reading = { property: 'P-1', unit: 'U1', period: '2026-11', value: 12.5, readAt: 1_763_596_800_000 };
/** Without the lock a page waited for more than a minute, and for half of one more. Seconds. */
const AT_ONCE = 30;

scenario(
  'a worker that is ended while a page waits for it is asked again at once, and nothing is there twice',
  async ({ server, device }) => {
    const page = await device.install();
    await device.online(page, false);
    await page.evaluate(
      data => (globalThis.fieldsync as Fieldsync).enqueue({ type: 'READING', data }),
      reading,
    );
    const { given } = await server.holdNextAnswer();
    await device.online(page, true);
    const asked = page.evaluate(() => (globalThis.fieldsync as Fieldsync).syncNow());
    await given;
    await device.endWorkers(page);
    server.release();
    const { remaining, hold } = await asked;
    assert.deepEqual(
      { remaining, hold },
      { remaining: 0, hold: undefined },
      'whoever asked gets their answer',
    );
    assert.equal(server.receipts().length, 1);
    assert.equal((await server.sent()).pushes, 2, 'sent again under its id, and known again');
  },
  { backgroundSync: false, seconds: AT_ONCE },
);
