/** A locked app: it shows nothing of what was entered before, and loses nothing of what is entered then. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { enter, go, type } from './support/app.ts';
import { appStore } from './support/app-store.ts';
import { accessible } from './support/axe.ts';
import { drained, kept } from './support/device.ts';
import { addPhoto } from './support/photo.ts';
import { scenario } from './support/scenario.ts';
import { until } from './support/until.ts';
import { setUp, unlock } from './support/vault.ts';

const SEALED = 'What is on this device is sealed. It is sent once you unlock.';

/** It is locked while this page stays where it is, as after some time, or by another tab. */
async function lockHere(page: Page): Promise<void> {
  await page.evaluate(() => globalThis.fieldsync?.keyring.lock());
  await page.getByText(SEALED).waitFor();
}

async function unlockAndReturn(page: Page): Promise<void> {
  await go(page, '/vault');
  await unlock(page);
  await page.getByRole('button', { name: 'Lock now' }).waitFor();
  await go(page, '/');
}

const unit = (page: Page) => page.getByLabel('Unit', { exact: true });

scenario(
  'of a form nothing stays on the screen when it is locked, and all of it comes back, with what was typed meanwhile',
  async ({ device }) => {
    const page = await device.install();
    await kept(page, 'vault_bg');
    await setUp(page);
    await go(page, '/');
    await enter(page, { property: 'P-1', unit: 'U1', value: '4711' });
    await type(page, { property: 'P-1', unit: 'U2', value: '1204' });
    await addPhoto(page);

    await lockHere(page);
    await until(
      'the form is empty',
      () => unit(page).inputValue(),
      value => value === '',
    );
    assert.equal(await page.getByRole('img', { name: 'Photo 1' }).count(), 0);
    assert.equal(await page.getByText('4711').count(), 0);
    await accessible(page);
    await type(page, { property: 'P-2', unit: 'U8', value: '88' });
    await unit(page).fill('U9');

    await unlockAndReturn(page);
    await page.getByRole('img', { name: 'Photo 1' }).waitFor();
    assert.equal(await unit(page).inputValue(), 'U2');
    await page.getByRole('button', { name: 'Save reading' }).click();
    await until(
      'the form is ready for the next',
      () => unit(page).inputValue(),
      value => value === '',
    );
    await page.reload();
    await until(
      'what was typed while it was locked is there',
      () => unit(page).inputValue(),
      value => value === 'U9',
    );
  },
);

scenario(
  'a photo that is taken while it is locked goes with its reading once it is open',
  async ({ server, device }) => {
    const page = await device.install();
    await kept(page, 'vault_bg');
    await setUp(page);
    await go(page, '/');
    await lockHere(page);
    await type(page, { property: 'P-1', unit: 'U1', value: '1204' });
    await addPhoto(page);
    await page.getByRole('button', { name: 'Save reading' }).click();
    await page.getByRole('status').filter({ hasText: 'Saved on this device' }).first().waitFor();

    await unlockAndReturn(page);
    await drained(page);
    assert.equal(server.records('media').length, 1);
    const [photo] = (await appStore(page, 'photos')) as { sealed?: string }[];
    assert.ok(photo?.sealed);
  },
);
