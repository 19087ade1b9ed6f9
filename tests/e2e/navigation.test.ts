/** Getting about: links, keys, the browser's own buttons, with and without a network. */
import assert from 'node:assert/strict';
import { enter } from './support/app.ts';
import { accessible } from './support/axe.ts';
import { drained, ready } from './support/device.ts';
import { scenario } from './support/scenario.ts';

scenario('every place can be reached by link and key, and Back leads back', async ({ device }) => {
  const page = await device.install();
  await accessible(page);
  await page.getByRole('link', { name: /^Sync/ }).click();
  await page.getByRole('heading', { level: 1, name: 'Everything is on the server' }).waitFor();
  assert.match(await page.title(), /^Sync centre/);
  await accessible(page);
  await page.goBack();
  await page.getByRole('heading', { level: 1, name: 'Read a meter' }).waitFor();
  await page.getByRole('heading', { level: 1 }).click();
  await page.keyboard.press('g');
  await page.getByRole('heading', { level: 1, name: 'Everything is on the server' }).waitFor();
  await page.keyboard.press('n');
  await page.getByLabel('Property', { exact: true }).waitFor();
});

scenario('the sync centre opens with the network off, and says why it waits', async ({ device }) => {
  const page = await device.install();
  await device.online(page, false);
  await enter(page, { property: 'P-1', unit: 'U1', value: '1' });
  await page.goto(new URL('/sync', page.url()).href);
  await ready(page);
  await page.getByRole('heading', { level: 1, name: /^1 waiting/ }).waitFor();
  await page.getByText('Waiting for a connection').first().waitFor();
  await page.getByRole('button', { name: 'Test the connection' }).click();
  await page.getByText('The server does not answer from here').waitFor();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('heading', { level: 1, name: 'Paused. 1 item waits.' }).waitFor();
  await accessible(page);
  await page.getByRole('button', { name: 'Go on sending' }).click();
  await device.connect(true);
  await drained(page);
  await page.getByRole('heading', { level: 1, name: 'Everything is on the server' }).waitFor();
});
