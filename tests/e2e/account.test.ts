/** With accounts: who is signed in sends, and a token that the server does not know any more is renewed unasked. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { enterMany } from './support/app.ts';
import { drained, status } from './support/device.ts';
import { scenario } from './support/scenario.ts';
import { until } from './support/until.ts';

const ANNA = { email: 'anna@example.org', password: 'the old oak tree' };

/** As the app's sign-in page does it. */
function signIn(
  page: Page,
  { email, password }: typeof ANNA,
): Promise<{ email?: string; signedIn: boolean }> {
  return page.evaluate(
    async ({ email, password }) => {
      const client = globalThis.fieldsync;
      if (!client) throw new Error('no engine');
      const { deviceId } = await client.account();
      const response = await fetch('/api/v1/auth/login', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email, password, deviceId }),
      });
      return client.signedIn({ email, tokens: await response.json() });
    },
    { email, password },
  );
}

const why = async (page: Page) => (await status(page)).hold?.why;

scenario(
  'entries wait for their person to sign in, and go with renewed tokens afterwards',
  async ({ server, device }) => {
    server.addUser(ANNA.email, ANNA.password);
    const page = await device.install();
    await enterMany(page, 2);
    await until(
      'the app asks for a login',
      () => why(page),
      found => found === 'signedOut',
      30,
    );
    assert.equal(server.readings().length, 0);

    assert.deepEqual((await signIn(page, ANNA)).signedIn, true);
    await drained(page);
    assert.equal(server.readings().length, 2);

    // The server forgets every access token: 401, renewed, and sent.
    await server.forgetTokens();
    await enterMany(page, 3, 11);
    await until(
      'the rest arrives',
      () => server.readings().length,
      count => count === 5,
      30,
    );
    await drained(page);
    assert.equal(server.receipts().length, 5);
    assert.equal((await page.evaluate(() => globalThis.fieldsync?.account()))?.signedIn, true);
  },
  { accounts: true },
);
