/** The vault opened by the device's own lock: where the device can do it, and its person wants it. */
import assert from 'node:assert/strict';
import type { CDPSession } from 'playwright-core';
import { enter } from './support/app.ts';
import { accessible } from './support/axe.ts';
import { kept, ready, status } from './support/device.ts';
import { followMessages } from './support/messages.ts';
import { scenario } from './support/scenario.ts';
import { databases, lock, PASSPHRASE, setUp, unlock } from './support/vault.ts';

/** A device with a finger's reader, in which its person's finger is known. */
async function reader(session: CDPSession): Promise<string> {
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      ctap2Version: 'ctap2_1',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      hasPrf: true,
      automaticPresenceSimulation: true,
    },
  });
  return authenticatorId;
}

const NAME = { host: 'fs.localhost', seconds: 300 };

scenario(
  'a finger opens the vault once its person has switched that on, and no more once it is off',
  async ({ device }) => {
    const page = await device.install();
    await kept(page, 'vault_bg');
    const session = await device.devtools(page);
    const authenticatorId = await reader(session);
    await enter(page, { property: 'P-1', unit: 'U1', value: '1204' });
    await setUp(page);
    const own = page.locator('fs-device-unlock');
    await own.getByRole('button', { name: 'Switch it on' }).click();
    await own.getByLabel('Your passphrase').fill('another one');
    await own.getByRole('button', { name: 'Switch it on' }).click();
    await own.getByText('This is not the passphrase.').waitFor();
    await own.getByLabel('Your passphrase').fill(PASSPHRASE);
    await own.getByRole('button', { name: 'Switch it on' }).click();
    await own.getByRole('button', { name: 'Switch it off' }).waitFor();
    await accessible(page);

    await lock(page);
    await own.getByRole('button', { name: 'Unlock with this device' }).click();
    await page.getByRole('button', { name: 'Lock now' }).waitFor();
    assert.equal((await status(page)).vault, 'open');

    // Not for somebody else's finger; the passphrase opens it still.
    await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
    await lock(page);
    await own.getByRole('button', { name: 'Unlock with this device' }).click();
    await own.getByText('The device did not unlock it.').waitFor();
    assert.equal((await status(page)).vault, 'locked');
    assert.ok(!(await databases(page)).includes(PASSPHRASE));
    await unlock(page);
    await page.getByRole('button', { name: 'Lock now' }).waitFor();
    // A reader that has met the wrong finger too often reads no more.
    await session.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
    await reader(session);

    // Another passphrase, and what the device opens is of no use any more.
    await page.getByRole('button', { name: 'Change the passphrase' }).click();
    await page.getByLabel('Your passphrase').fill(PASSPHRASE);
    await page.getByLabel('New passphrase').fill('another four words here');
    await page.getByLabel('The same once more').fill('another four words here');
    const said = await followMessages(page);
    await page.locator('form').getByRole('button', { name: 'Change the passphrase' }).click();
    await said('The new passphrase is in use.');
    await own.getByRole('button', { name: 'Switch it on' }).click();
    await own.getByLabel('Your passphrase').fill('another four words here');
    await own.getByRole('button', { name: 'Switch it on' }).click();
    await own.getByRole('button', { name: 'Switch it off' }).click();
    await own.getByRole('button', { name: 'Switch it on' }).waitFor();
    await lock(page);
    await page.reload();
    await ready(page);
    await page.getByLabel('Passphrase', { exact: true }).waitFor();
    assert.equal(await own.getByRole('button').count(), 0);
  },
  NAME,
);

scenario(
  'a device without a reader is not offered it',
  async ({ device }) => {
    const page = await device.install();
    await kept(page, 'vault_bg');
    await setUp(page);
    await page.getByRole('heading', { name: 'Your keys' }).waitFor();
    assert.equal(await page.getByText('Unlock with this device').count(), 0);
  },
  NAME,
);
