/** The pages and states that are pictured. */
import type { Page } from 'playwright-core';

export interface Shot {
  name: string;
  path: string;
  /** What is on the device: nothing yet, or a day's work in every state; the same in Arabic. */
  state: 'empty' | 'seeded' | 'arabic';
  /** Waits until what is to be seen is there. */
  ready: (page: Page) => Promise<unknown>;
  /** Closes what was opened for the picture. */
  after?: (page: Page) => Promise<unknown>;
}

const heading = (name: string | RegExp) => (page: Page) =>
  page.getByRole('heading', { level: 1, name }).waitFor();

const both = (name: string, path: string, title: string | RegExp): Shot[] =>
  (['empty', 'seeded'] as const).map(state => ({
    name: state === 'empty' ? `${name}-empty` : name,
    path,
    state,
    ready: heading(title),
  }));

export const pages: Shot[] = [
  ...both('home', '/', 'Read a meter'),
  {
    name: 'scan',
    path: '/',
    state: 'empty',
    ready: async page => {
      await page.getByRole('button', { name: 'Scan' }).click();
      await page.getByRole('heading', { name: 'Scan the meter’s code' }).waitFor();
      await page
        .getByText(/instead\.|type the codes/)
        .first()
        .waitFor();
    },
    after: page => page.getByRole('button', { name: 'Type the codes instead' }).click(),
  },
  {
    name: 'assess',
    path: '/assess',
    state: 'seeded',
    ready: page => page.getByRole('link', { name: /^Shelter/ }).waitFor(),
  },
  {
    name: 'assess-form',
    path: '/assess/form?kind=WASH',
    state: 'empty',
    ready: async page => {
      await page.getByLabel('Site').fill('Well 3, east of the camp');
      await page
        .getByRole('group', { name: /safe to drink/ })
        .getByLabel('No', { exact: true })
        .check();
      await page.evaluate(() => scrollTo({ top: 0 }));
    },
  },
  {
    name: 'assess-wrong',
    path: '/assess/form?kind=WASH',
    state: 'empty',
    ready: async page => {
      await page.getByLabel('Latrines').fill('many');
      await page.getByRole('button', { name: 'Save assessment' }).click();
      await page.getByRole('alert').filter({ hasText: 'Something needs a correction' }).waitFor();
    },
  },
  {
    name: 'assess-section',
    path: '/assess/form?kind=SECURITY',
    state: 'empty',
    ready: page => page.getByRole('group', { name: /What is dangerous/ }).scrollIntoViewIfNeeded(),
  },
  {
    name: 'assess-saved',
    path: '/assess/form?kind=FOOD',
    state: 'seeded',
    ready: async page => {
      await page.getByLabel('Site').fill('School in the hills');
      await page.getByRole('button', { name: 'Save assessment' }).click();
      await page.getByRole('heading', { name: 'Saved' }).waitFor();
    },
  },
  {
    name: 'respond',
    path: '/sync/queue?type=ASSESSMENT',
    state: 'seeded',
    ready: async page => {
      await page.locator('fs-rows a').first().click();
      await page.getByRole('link', { name: 'Plan a response' }).click();
      await page.getByRole('heading', { name: 'Plan a response' }).waitFor();
    },
  },
  ...both('route', '/route', 'Route'),
  ...both('overview', '/sync', /server|waiting|need|Sending/),
  ...both('queue', '/sync/queue', 'Queue'),
  {
    name: 'queue-detail',
    path: '/sync/queue?state=setAside',
    state: 'seeded',
    ready: async page => {
      await page.locator('[data-state="setAside"]').first().click();
      await page.getByRole('heading', { name: 'What happened' }).waitFor();
    },
  },
  ...both('conflicts', '/sync/conflicts', 'Conflicts'),
  {
    name: 'conflict',
    path: '/sync/conflicts',
    state: 'seeded',
    ready: async page => {
      await page.locator('fs-rows a').last().click();
      await page.getByRole('heading', { name: 'Or choose field by field' }).waitFor();
    },
  },
  ...both('receipts', '/sync/receipts', 'Receipts'),
  ...both('priority', '/sync/priority', 'Priority'),
  ...both('rules', '/sync/rules', 'Priority rules'),
  {
    name: 'rule-edit',
    path: '/sync/rules',
    state: 'seeded',
    ready: async page => {
      await page.getByRole('button', { name: 'Edit' }).first().click();
      await page.getByLabel('Points').fill('90');
      await page.getByLabel('Points').press('Tab');
      await page.getByRole('button', { name: 'Try on the queue' }).click();
      await page.getByText('What these rules would do').waitFor();
    },
    after: async page => {
      await page.getByRole('button', { name: 'Take back' }).click();
    },
  },
  ...both('history', '/sync/history', 'History'),
  ...both('metrics', '/sync/metrics', 'Figures'),
  {
    name: 'sunlight',
    path: '/sync/queue?state=conflict',
    state: 'seeded',
    ready: async page => {
      await page.evaluate(() => {
        document.documentElement.dataset.theme = 'sunlight';
      });
      await page.locator('fs-rows a').first().click();
      await page.getByRole('heading', { name: 'What happened' }).waitFor();
    },
    after: page =>
      page.evaluate(() => {
        delete document.documentElement.dataset.theme;
      }),
  },
  {
    name: 'settings',
    path: '/sync/settings',
    state: 'empty',
    ready: page => page.getByText('Sending', { exact: true }).waitFor(),
  },
  ...['/', '/route', '/sync', '/sync/queue', '/sync/rules', '/sync/metrics', '/sync/settings'].map(
    (path): Shot => ({
      name: `arabic${path.replaceAll('/', '-').replace(/-$/, '')}`,
      path,
      state: 'arabic',
      ready: heading(/[\u0621-\u064a]/),
    }),
  ),
];
