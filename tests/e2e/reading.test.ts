/** Reading a meter: what it showed last stands beside what is typed. */
import { type } from './support/app.ts';
import { anotherDevice, syncNow } from './support/device.ts';
import { scenario } from './support/scenario.ts';

scenario('the last reading and the difference stand beside the value, offline too', async ({ device }) => {
  const page = await device.install();
  await anotherDevice(page, {
    property: 'P-1',
    unit: 'U1',
    meter: 'water',
    period: '2026-01',
    value: 1_204.5,
  });
  await syncNow(page);
  await device.online(page, false);
  await type(page, { property: 'P-1', unit: 'U1', meter: 'water', value: '' });
  await page.getByText('Last 1204.5').waitFor();
  await page.getByLabel('Value', { exact: true }).fill('1240');
  await page.getByText('Last 1204.5, 35.5 more').waitFor();
  await page.getByLabel('Value', { exact: true }).fill('124');
  await page.getByText('Lower than the last, 1204.5').waitFor();
  await page.getByLabel('Unit', { exact: true }).fill('U9');
  await page.getByText('With its decimals').waitFor();
});
