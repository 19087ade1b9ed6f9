/** The route: what is still to be read this month, offline too, and how far one has come. */
import { accessible } from './support/axe.ts';
import { drained } from './support/device.ts';
import { scenario } from './support/scenario.ts';
import { until } from './support/until.ts';

scenario('the route leads from meter to meter, and counts what is read', async ({ device }) => {
  const page = await device.install();
  await page.getByRole('link', { name: 'Route' }).click();
  await page.getByText(/^0 of|· 0 of/).waitFor();
  await accessible(page);
  await device.online(page, false);
  await page.getByRole('link', { name: /Read the next/ }).click();
  // What the address says comes into the form a moment after the form itself, in the place of what is typed there.
  for (const label of ['Property', 'Unit'])
    await until(
      `${label} is filled in`,
      () => page.getByLabel(label, { exact: true }).inputValue(),
      text => text !== '',
    );
  await page.getByLabel('Value', { exact: true }).fill('1204');
  await page.getByRole('button', { name: 'Save reading' }).click();
  await page.getByRole('status').filter({ hasText: 'Saved on this device' }).waitFor();
  await page.getByRole('link', { name: 'Route' }).click();
  await page.getByText(/· 1 of/).waitFor();
  await page.getByText('1 meter is read').click();
  await page.getByText(/· saved here/).waitFor();
  await device.connect(true);
  await drained(page);
  await page.getByText('1 meter is read').waitFor();
  await page.getByText(/· on the server/).waitFor();
  await accessible(page);
});
