/** The pages and states that are pictured. */
import type { Page } from 'playwright-core';
import { type, typeOver } from '../e2e/support/app.ts';
import { ready } from '../e2e/support/device.ts';
import { addPhoto } from '../e2e/support/photo.ts';
import { unlock } from '../e2e/support/vault.ts';

export interface Shot {
  name: string;
  path: string;
  /** What is on the device: nothing yet, or a day's work in every state; the same with a vault; the same in Arabic. */
  state: 'empty' | 'seeded' | 'vault' | 'arabic';
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

/** Closes messages: they come and go, and are no part of a page. One may go by itself before it is closed. */
export async function quiet(page: Page): Promise<void> {
  const close = page.getByRole('button', { name: /Close this message|أغلق هذه الرسالة/ });
  while ((await close.count()) > 0)
    await close.evaluateAll(buttons => {
      for (const button of buttons) (button as HTMLElement).click();
    });
}

/** Types over what is in a field, and goes on. */
async function enter(page: Page, label: string, text: string): Promise<void> {
  await typeOver(page.getByLabel(label), text);
  await page.getByLabel(label).press('Tab');
}

/** The form as it was; a draft of it would stay. */
async function emptied(page: Page): Promise<void> {
  await type(page, { property: '', unit: '', value: '' });
  await page.reload();
  await ready(page);
}

export const pages: Shot[] = [
  ...both('home', '/', 'Read a meter'),
  {
    name: 'home-wrong',
    path: '/',
    state: 'empty',
    ready: async page => {
      await page.getByLabel('Value', { exact: true }).fill('12x');
      await page.getByRole('button', { name: 'Save reading' }).click();
      await page.getByRole('alert').filter({ hasText: 'Something needs a correction' }).waitFor();
    },
    after: emptied,
  },
  {
    name: 'duplicate',
    path: '/',
    state: 'seeded',
    ready: async page => {
      await type(page, { property: 'P-1', unit: 'S7-1', meter: 'water', value: '99' });
      await page.getByRole('button', { name: 'Save reading' }).click();
      await page.getByRole('heading', { name: 'This meter has a reading already' }).waitFor();
    },
    after: async page => {
      await page.getByRole('button', { name: 'Go back to the form' }).click();
      await emptied(page);
    },
  },
  {
    name: 'help',
    path: '/',
    state: 'empty',
    ready: async page => {
      await page.getByRole('button', { name: 'Help and keys' }).click();
      await page.getByRole('heading', { name: 'The marks' }).waitFor();
    },
    after: page => page.getByRole('dialog').getByRole('button', { name: 'Close' }).click(),
  },
  { name: 'vault-setup', path: '/vault', state: 'empty', ready: heading('Passphrase') },
  { name: 'health', path: '/sync/health', state: 'seeded', ready: heading('Sync health') },
  { name: 'sign-in', path: '/sign-in', state: 'empty', ready: heading('Sign in') },
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
    name: 'home-photo',
    path: '/',
    state: 'empty',
    ready: async page => {
      await addPhoto(page);
      await page.getByRole('img', { name: 'Photo 1' }).scrollIntoViewIfNeeded();
    },
    after: page => page.getByRole('button', { name: 'Remove photo 1' }).click(),
  },
  {
    name: 'tour',
    path: '/',
    state: 'empty',
    ready: async page => {
      await page.getByRole('button', { name: 'Help and keys' }).click();
      await page.getByRole('button', { name: 'Take the tour: two minutes' }).click();
      await page.getByRole('heading', { name: /^Read a meter · 1/ }).waitFor();
    },
    after: page => page.getByRole('button', { name: 'Skip the tour' }).click(),
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
  {
    name: 'queue-discard',
    path: '/sync/queue?state=setAside',
    state: 'seeded',
    ready: async page => {
      await page.locator('[data-state="setAside"]').first().click();
      await page.getByRole('button', { name: 'Discard' }).click();
      await page.getByRole('heading', { name: /^Discard this/ }).waitFor();
    },
    after: page => page.getByRole('button', { name: 'Keep it' }).click(),
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
  {
    name: 'receipt',
    path: '/sync/receipts',
    state: 'seeded',
    ready: async page => {
      await page.locator('fs-rows a').first().click();
      await page.getByText('Confirmed by the server').waitFor();
    },
  },
  ...both('priority', '/sync/priority', 'Priority'),
  ...both('rules', '/sync/rules', 'Priority rules'),
  {
    name: 'rule-edit',
    path: '/sync/rules',
    state: 'seeded',
    ready: async page => {
      await page.getByRole('button', { name: 'Edit' }).first().click();
      await enter(page, 'Points', '90');
      await page.getByRole('button', { name: 'Try on the queue' }).click();
      await page.getByText('What these rules would do').waitFor();
    },
    after: async page => {
      await page.getByRole('button', { name: 'Take back' }).click();
    },
  },
  {
    name: 'rules-wrong',
    path: '/sync/rules',
    state: 'empty',
    ready: async page => {
      await page.getByRole('button', { name: 'Add a rule' }).click();
      await page.getByRole('button', { name: 'Save the rules' }).click();
      await page.getByRole('alert').filter({ hasText: 'Enter a name' }).waitFor();
    },
    after: page => page.getByRole('button', { name: 'Take back' }).click(),
  },
  ...both('schedules', '/sync/schedules', 'Schedules'),
  {
    name: 'schedule-form',
    path: '/sync/schedules',
    state: 'empty',
    ready: async page => {
      await page.getByRole('button', { name: 'Make a schedule' }).click();
      const form = page.getByRole('form', { name: 'A new schedule' });
      await form.getByLabel('How often').selectOption('Every month');
      await form.getByLabel('Day of the month').selectOption('31');
      await form.getByLabel('By the clocks of').selectOption('Australia/Adelaide');
      await form.getByText('Its next runs:').waitFor();
    },
    after: page => page.getByRole('button', { name: 'Cancel' }).click(),
  },
  {
    name: 'schedule',
    path: '/sync/schedules',
    state: 'empty',
    ready: async page => {
      await page.getByText('fast as the link allows').first().waitFor();
      if ((await page.locator('fs-schedule').count()) === 0) {
        await page.getByRole('button', { name: 'Make a schedule' }).click();
        await page.getByRole('button', { name: 'Make this schedule' }).click();
      }
      await page.getByRole('button', { name: /^History: / }).click();
      await page.getByText('It has not run yet.').waitFor();
    },
    after: page => page.getByRole('button', { name: /^History: / }).click(),
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
  {
    name: 'settings-wrong',
    path: '/sync/settings',
    state: 'empty',
    ready: async page => {
      await enter(page, 'Wait below', '101');
      await page.getByRole('alert').filter({ hasText: 'Enter a number' }).waitFor();
    },
    after: async page => {
      await enter(page, 'Wait below', '20');
    },
  },
  { name: 'elements', path: '/elements', state: 'empty', ready: heading('Elements') },
  { name: 'vault', path: '/vault', state: 'vault', ready: heading('Passphrase') },
  {
    name: 'vault-locked',
    path: '/vault',
    state: 'vault',
    ready: async page => {
      await page.getByRole('button', { name: 'Lock now' }).click();
      await page.getByRole('heading', { name: 'Unlock' }).waitFor();
    },
    after: page => unlock(page),
  },
  ...[
    '/',
    '/route',
    '/sync',
    '/sync/queue',
    '/sync/rules',
    '/sync/metrics',
    '/sync/schedules',
    '/sync/settings',
    '/sync/health',
    '/vault',
  ].map(
    (path): Shot => ({
      name: `arabic${path.replaceAll('/', '-').replace(/-$/, '')}`,
      path,
      state: 'arabic',
      ready: heading(/[\u0621-\u064a]/),
    }),
  ),
];
