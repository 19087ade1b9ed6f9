/** A long queue, as a page would make it that imports a list. */
import type { Page } from 'playwright-core';
import type { Fieldsync } from '../../../www/lib/client.ts';

/** Calls under way at once. */
const ABREAST = 50;

/** Enters so many, and answers the milliseconds that took. */
export const enterReadings = (page: Page, property: string, from: number, count: number) =>
  page.evaluate(
    async ({ property, from, count, abreast }) => {
      const client = globalThis.fieldsync as Fieldsync;
      const began = performance.now();
      let next = from;
      const each = Array.from({ length: abreast }, async () => {
        while (next < from + count) {
          const n = next++;
          const note = 'Behind the shed; the dog is friendly.';
          const data = { property, unit: `U${n}`, period: '2026-11', value: n, readAt: 1, note };
          await client.enqueue({ type: 'READING', data });
        }
      });
      await Promise.all(each);
      return performance.now() - began;
    },
    { property, from, count, abreast: ABREAST },
  );

/** Nothing is sent until it is taken back. */
export const pause = (page: Page, paused: boolean) =>
  page.evaluate(paused => (globalThis.fieldsync as Fieldsync)[paused ? 'pause' : 'resume'](), paused);
