/** The printed code of a meter, held before the camera; where none can see it, what stands beside it is typed. */
import type { Page } from 'playwright-core';
import { codes, typeCodes } from './app.ts';
import type { Device } from './device.ts';
import { until } from './until.ts';

/** Lets the camera see a code of the demo's sheet. */
export async function holdCode(device: Device, number: number): Promise<void> {
  if (device.browser === 'firefox') return; // no picture can be fed to its camera
  const sheet = await device.visit('/demo/qr');
  await sheet.setViewportSize({ width: 640, height: 480 });
  const code = sheet.locator('svg').nth(number);
  await code.evaluate(svg => {
    for (const [name, value] of [
      ['width', '400'],
      ['height', '400'],
    ] as const)
      svg.setAttribute(name, value);
    // The camera sees this one alone.
    for (const other of document.querySelectorAll('svg')) if (other !== svg) other.remove();
    svg.scrollIntoView({ block: 'center' });
  });
  await device.sees(await sheet.screenshot({ type: 'jpeg', quality: 95 }));
  await sheet.close();
}

/** Scans the code that is held before the camera: `property/unit/meter`, which the form then holds. */
export async function scan(device: Device, page: Page, held: string): Promise<void> {
  await page.getByRole('button', { name: 'Scan' }).click();
  if (device.browser === 'firefox') {
    await page.getByRole('button', { name: 'Type the codes instead' }).click();
    const [property = '', unit = '', meter = ''] = held.split('/');
    await typeCodes(page, { property, unit, meter });
  }
  await codesAre(page, held);
}

/** Waits until the form holds these codes. */
export const codesAre = (page: Page, held: string) =>
  until(
    `the form holds ${held}`,
    async () => (await Promise.all(codes(page).map(field => field.inputValue()))).join('/'),
    seen => seen === held,
  );
