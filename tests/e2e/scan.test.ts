/** The printed code of a meter, seen by the camera. */
import assert from 'node:assert/strict';
import { accessible } from './support/axe.ts';
import { kept } from './support/device.ts';
import { holdCode } from './support/scan.ts';
import { scenario } from './support/scenario.ts';
import { until } from './support/until.ts';

scenario('a printed code fills in the form, with the network off too', async ({ device }) => {
  await holdCode(device, 1);
  const page = await device.install();
  await kept(page, 'code-reader', 2);
  await device.online(page, false);
  await page.getByRole('button', { name: 'Scan' }).click();
  await until(
    'the code is read',
    () => page.getByLabel('Unit', { exact: true }).inputValue(),
    unit => unit !== '',
    90,
  );
  assert.match(await page.getByLabel('Property', { exact: true }).inputValue(), /^P-/);
  await until(
    'typing goes on with the value',
    () => page.getByLabel('Value', { exact: true }).evaluate(field => field.matches(':focus')),
    Boolean,
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
