/** With accounts: who is signed in sends, and a token that the server does not know any more is renewed unasked. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { enterMany } from './support/app.ts';
import { drained, status } from './support/device.ts';
import { followMessages } from './support/messages.ts';
import { scenario } from './support/scenario.ts';
import { until } from './support/until.ts';

const ANNA = { email: 'anna@example.org', password: 'the old oak tree' };

/** By the app's sign-in page, from wherever it asks for it. */
async function signIn(page: Page, { email, password }: typeof ANNA): Promise<void> {
  await page.getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
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
      60,
    );
    assert.equal(server.readings().length, 0);

    await signIn(page, { ...ANNA, password: 'not the right one' });
    await page.getByRole('alert').waitFor();
    assert.equal((await page.evaluate(() => globalThis.fieldsync?.account()))?.signedIn, false);
    const said = await followMessages(page);
    await page.getByLabel('Password').fill(ANNA.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await said('Signed in as anna@example.org');
    await drained(page, 120);
    assert.equal(server.readings().length, 2);

    // The server forgets every access token: 401, renewed, and sent.
    await server.forgetTokens();
    await enterMany(page, 3, 11);
    await drained(page, 120);
    assert.equal(server.readings().length, 5, 'the rest has arrived');
    assert.equal(server.receipts().length, 5);
    assert.equal((await page.evaluate(() => globalThis.fieldsync?.account()))?.signedIn, true);
  },
  { accounts: true, seconds: 300 },
);
