/** Photos as a person adds them, and what is in the files that come of it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';

/** A photo of a meter as a phone makes it: on its side, with the place in it; 1600 × 1200 pixels. */
export const METER = new URL('../../data/meter.jpg', import.meta.url).pathname;

/** Adds a photo to the form, and waits until it is shown. */
export async function addPhoto(page: Page, number = 1): Promise<void> {
  await page.getByLabel('Add a photo').setInputFiles(METER);
  await page.getByRole('img', { name: `Photo ${number}` }).waitFor();
}

/** A JPEG's size in pixels, and whether it holds what a camera writes into it. */
export function jpeg(bytes: Buffer): { width: number; height: number; exif: boolean } {
  assert.equal(bytes.readUInt16BE(0), 0xffd8, 'a JPEG');
  let exif = false;
  for (let at = 2; ; at += 2 + bytes.readUInt16BE(at + 2)) {
    const marker = bytes.readUInt16BE(at);
    if (marker === 0xffe1) exif = true;
    // The frame's header, baseline or progressive.
    if (marker === 0xffc0 || marker === 0xffc2)
      return { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7), exif };
  }
}

assert.deepEqual(jpeg(readFileSync(METER)), { width: 1600, height: 1200, exif: true });
