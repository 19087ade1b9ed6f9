/** Reading a meter: what it showed last stands beside what is typed. */
import assert from 'node:assert/strict';
import { codes, enter, type } from './support/app.ts';
import { anotherDevice, status, syncNow } from './support/device.ts';
import { scenario } from './support/scenario.ts';

/** What the page asks the server at its start is answered: who asks later asks anew, rather than joining that. */
const settled = syncNow;

scenario('the last reading and the difference stand beside the value, offline too', async ({ device }) => {
  const page = await device.install();
  await settled(page);
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

scenario(
  'a value unlike the meter’s others is asked about before it is saved, offline too',
  async ({ device }) => {
    const page = await device.install();
    await settled(page);
    for (const [period, value] of [
      ['2026-01', 1_000],
      ['2026-02', 1_010],
      ['2026-03', 1_022],
    ] as const)
      await anotherDevice(page, { property: 'P-1', unit: 'U1', period, value });
    await syncNow(page);
    await device.online(page, false);
    await type(page, { property: 'P-1', unit: 'U1', value: '' });
    await page.getByText('Last 1022, expected').waitFor();
    const value = page.getByLabel('Value', { exact: true });
    const save = page.getByRole('button', { name: 'Save reading' });

    await value.fill('999');
    await save.click();
    const dialog = page.getByRole('dialog', { name: 'Lower than the last reading?' });
    await dialog.getByText('Last reading: 1022, March 2026.').waitFor();
    await dialog.getByRole('button', { name: 'Correct it' }).click();
    assert.equal(await value.inputValue(), '999', 'what was typed is there to be corrected');
    assert.equal((await status(page)).queueSize, 0, 'and nothing was saved');

    await value.fill('99999');
    await save.click();
    await page
      .getByRole('dialog', { name: 'Much more than usual?' })
      .getByRole('button', { name: 'is right: save it' })
      .click();
    await page.locator('fs-item').getByText('99999').waitFor();
    assert.equal((await status(page)).queueSize, 1);
  },
);

scenario('what is typed right after an answer stays', async ({ device }) => {
  const page = await device.install();
  await page.evaluate(() => globalThis.fieldsync?.pause());
  await enter(page, { property: 'P-1', unit: 'U1', value: '5' });
  await type(page, { property: 'P-1', unit: 'U1', value: '6' });
  await page.getByRole('button', { name: 'Save reading' }).click();
  const keep = page.getByRole('dialog').getByRole('button', { name: 'Keep 5' });
  await keep.evaluate(async (button: HTMLElement) => {
    const dialog = (button.getRootNode() as ShadowRoot).host;
    const unit = (dialog.getRootNode() as ShadowRoot).querySelector<HTMLInputElement>('#unit');
    button.click();
    // All that follows from the click by itself, and not yet the browser's word that the dialog has ended.
    for (let n = 0; n < 100; n += 1) await undefined;
    if (!unit) throw new Error('the form has no unit');
    unit.value = 'U9';
    unit.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true }));
  });
  await page.getByText('Kept 5. Nothing was changed.').waitFor();
  const [property, unit] = codes(page);
  assert.equal(await unit.inputValue(), 'U9');
  assert.equal(await property.inputValue(), 'P-1');
});
