/** The printed code of a meter, seen by the camera. */
import assert from 'node:assert/strict';
import { accessible } from './support/axe.ts';
import { kept } from './support/device.ts';
import { holdCode } from './support/scan.ts';
import { scenario } from './support/scenario.ts';

scenario('a printed code fills in the form, with the network off too', async ({ device }) => {
  await holdCode(device, 1);
  const page = await device.install();
  await kept(page, 'code-reader', 2);
  await device.online(page, false);
  await page.getByRole('button', { name: 'Scan' }).click();
  await page.waitForFunction(() => {
    const home = document.querySelector('fs-app')?.shadowRoot?.querySelector('fs-home')?.shadowRoot;
    const form = home?.querySelector('fs-reading-form')?.shadowRoot;
    return form?.querySelector<HTMLInputElement>('#unit')?.value !== '';
  });
  assert.match(await page.getByLabel('Property', { exact: true }).inputValue(), /^P-/);
  assert.equal(
    await page.getByLabel('Value', { exact: true }).evaluate(field => field.matches(':focus')),
    true,
  );
});

scenario('without a camera that may be used, the codes are typed', async ({ device }) => {
  const page = await device.install();
  await page.getByRole('button', { name: 'Scan' }).click();
  await page
    .getByText(/type the codes|Type the codes instead\./)
    .first()
    .waitFor();
  await accessible(page);
  await page.getByRole('button', { name: 'Type the codes instead' }).click();
  await page.getByLabel('Property', { exact: true }).fill('P-1');
});
