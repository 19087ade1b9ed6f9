/** What scenarios of the scheduler have in common (A11). They play in a test build, which checks sync every second. */
import type { Page } from 'playwright-core';
import type { HealthReport, SchedulerView } from '../../../www/lib/generated.ts';
import { scenario as play, type World } from './scenario.ts';
import { until } from './until.ts';

export const scenario = (name: string, run: (world: World) => Promise<void>) =>
  play(name, run, { testMode: true, seconds: 240 });

export const view = (page: Page) => page.evaluate(() => globalThis.fieldsync?.scheduler());

export const badge = (page: Page, state: 'starting' | 'aligned' | 'needed' | 'failed') =>
  page
    .locator('header fs-health-badge fs-badge span')
    .and(page.locator(`.${state}`))
    .waitFor();

/** Waits for a check that ended after this one. */
export const checked = (page: Page, after = 0): Promise<SchedulerView> =>
  until(
    'a check has ended',
    () => view(page),
    seen => (seen?.lastRun ?? 0) > after,
  ) as Promise<SchedulerView>;

/** What test builds alone can be told. */
export const pretend = (
  page: Page,
  name: 'vault:locked' | 'vault:unlocked' | 'sync:test:force-status',
  needed = false,
) =>
  page.evaluate(
    ([name, needed]) =>
      (globalThis as unknown as { fieldsyncPretend(name: string, needed: boolean): Promise<unknown> })
        .fieldsyncPretend(name as string, needed as boolean)
        .then(() => undefined),
    [name, needed] as const,
  );

/** The next time that the page is told of a check: what it says. */
export const told = (page: Page): Promise<boolean> =>
  page.evaluate(
    () =>
      new Promise(resolve =>
        addEventListener(
          'sync:status-change',
          event => resolve((event as CustomEvent<HealthReport | null>).detail?.needsSync ?? true),
          { once: true },
        ),
      ),
  );
