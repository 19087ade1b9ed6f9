/** A new version of the app, and the app on the device: offered, never forced, and nothing typed or saved is lost. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { enter, holds, lookForUpdate, rows, type } from './support/app.ts';
import { accessible } from './support/axe.ts';
import { drained, items, ready } from './support/device.ts';
import { followMessages } from './support/messages.ts';
import { scenario } from './support/scenario.ts';
import { atMost } from './support/until.ts';

/** Something that a reload would take away. */
const mark = (page: Page) => page.evaluate(() => void Object.assign(globalThis, { sameAsBefore: true }));
const isMarked = (page: Page) => page.evaluate(() => 'sameAsBefore' in globalThis);

scenario(
  'a new version is offered in every tab, and comes when the person says so, with work pending and a form begun',
  async ({ server, device }) => {
    const page = await device.install();
    const other = await device.open();
    await device.online(page, false);
    await enter(page, { property: 'P-1', unit: 'U1', value: '1' });
    server.newVersion();
    await device.online(page, true);
    await server.holdNextAnswer();
    await type(page, { property: 'P-1', unit: 'U2', value: '22', note: 'half' });
    await type(other, { property: 'P-1', unit: 'U2', value: '22', note: 'half' });
    for (const each of [page, other]) await mark(each);
    await lookForUpdate(page);
    for (const each of [page, other]) await each.getByText('A new version is ready.').waitFor();
    await accessible(page);
    // The switch waits for no answer: that one comes too late for whoever asked.
    const reloaded = page.waitForEvent('load');
    await page.getByRole('button', { name: 'Reload' }).click();
    await reloaded;
    server.release();
    await ready(page);
    assert.equal(await isMarked(page), false, 'the new version is there');
    assert.equal(await isMarked(other), true, 'the other tab is left alone');
    await holds(page.getByLabel('Value', { exact: true }), '22');
    await holds(page.getByLabel('Note (optional)'), 'half');
    assert.equal(await other.getByLabel('Value', { exact: true }).inputValue(), '22');
    assert.equal(await page.getByText('A new version is ready.').count(), 0);
    await page.getByRole('button', { name: 'Save reading' }).click();
    // Until it is saved the queue is as empty as after it was sent.
    await rows(page, 'done')
      .nth(1)
      .waitFor({ timeout: atMost(90) });
    await drained(page);
    assert.equal((await items(page, 'done')).length, 2);
    assert.equal(server.receipts().length, 2);
  },
  { copy: true, seconds: 240 },
);

/** The browser's offer; headless Chromium makes none. */
const offerInstall = (page: Page) =>
  page.evaluate(() => {
    const offer = Object.assign(new Event('beforeinstallprompt', { cancelable: true }), {
      async prompt() {
        Object.assign(globalThis, { prompted: true });
      },
      userChoice: Promise.resolve({ outcome: 'accepted' }),
    });
    return dispatchEvent(offer);
  });

scenario(
  'the app can be installed, which is offered once something is sent, and can be declined',
  async ({ device }) => {
    const page = await device.install();
    const devtools = await device.devtools(page);
    const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors');
    assert.deepEqual(
      installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito'),
      [],
    );
    assert.equal(await offerInstall(page), false, 'the browser’s own banner is held back');
    const offer = page.getByText('fieldsync can be put on this device');
    assert.equal(await offer.count(), 0, 'nothing has been sent yet');
    await enter(page, { property: 'P-1', unit: 'U1', value: '1' });
    await drained(page);
    await offer.waitFor();
    await accessible(page);
    await page.getByRole('button', { name: 'Not now' }).click();
    await offer.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: /^Sync/ }).click();
    await page.getByRole('link', { name: /^Settings/ }).click();
    const said = await followMessages(page);
    await page.getByRole('button', { name: 'Install' }).click();
    await said('fieldsync is on this device now.');
    assert.equal(await page.evaluate(() => 'prompted' in globalThis), true);
  },
);
