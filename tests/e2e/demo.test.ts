/** What the demo has besides: six sample items in differing states, and a tour that goes offline and back. */
import assert from 'node:assert/strict';
import { enter, holds, rows } from './support/app.ts';
import { installed, visit } from './support/assess.ts';
import { accessible } from './support/axe.ts';
import { drained, items, kept, ready, status } from './support/device.ts';
import { followMessages } from './support/messages.ts';
import { type Options, scenario } from './support/scenario.ts';
import { atMost, until } from './support/until.ts';

/** With several looks at the link, one after another. */
const LONG: Options = { seconds: 300 };

scenario(
  'six sample items come to six states, by what really happens',
  async ({ server, device }) => {
    const page = await installed(device);
    await kept(page, 'fs-samples');
    await enter(page, { property: 'P-1', unit: 'U1', meter: 'water', value: '12' });
    await drained(page);
    await page.getByRole('link', { name: /^Sync/ }).click();
    await page.getByRole('link', { name: /^Queue/ }).click();
    await device.online(page, false);
    const said = await followMessages(page);
    await page.getByRole('button', { name: 'Load six sample items' }).click();
    await said('Load them when there is a connection.');
    await device.online(page, true);
    await page.getByRole('button', { name: 'Load six sample items' }).click();
    await page
      .getByText('Sending is paused, so that you can look at them.')
      .waitFor({ timeout: atMost(120) });
    assert.equal(await page.getByText('Not yet: it needs a moment more.').count(), 0);
    const states = (await items(page, 'queue')).map(({ state }) => state).sort();
    assert.deepEqual(states, ['blocked', 'conflict', 'pending', 'retryAt', 'setAside']);
    assert.equal((await items(page, 'done')).length, 2, 'the one before, and a sample');
    await page.getByText(/^Next try /).waitFor();
    await accessible(page);
    await page.getByRole('button', { name: 'Go on sending' }).click();
    await until(
      'the one that was pending is sent',
      () => status(page),
      ({ totals }) => totals.pending === 0,
      90,
    );
    // Two minutes after it was made the one that is taken later goes too.
    const taken = server.readings().filter(({ data }) => data?.meter !== 'later');
    assert.equal(taken.length, 4, 'it is on the server');
  },
  LONG,
);

scenario(
  'the tour goes offline and back, with the keyboard too, and can be left',
  async ({ device }) => {
    const page = await installed(device);
    await kept(page, 'fs-tour');
    await page.getByRole('button', { name: 'Help and keys' }).click();
    await page.getByRole('button', { name: 'Take the tour: two minutes' }).click();
    const tour = page.getByRole('region', { name: 'Tour' });
    const at = (title: string) => tour.getByRole('heading', { name: title }).waitFor();
    await at('Read a meter · 1 of 6');
    await accessible(page);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    assert.equal(
      await tour.getByRole('button', { name: 'Fill in an example' }).evaluate(it => it.matches(':focus')),
      true,
    );
    await page.keyboard.press('Enter');
    await at('Lose the connection · 2 of 6');
    await holds(page.getByLabel('Unit', { exact: true }), 'U1');
    await tour.getByRole('button', { name: 'Send nothing for now' }).click();
    await at('Save the reading · 3 of 6');
    await accessible(page);
    await page.getByLabel('Value', { exact: true }).fill('1204');
    await page.getByRole('button', { name: 'Save reading' }).click();
    await at('One tick · 4 of 6');
    await rows(page, 'pending').waitFor();
    await tour.getByRole('button', { name: 'Go on' }).click();
    await at('Come back · 5 of 6');
    await tour.getByRole('button', { name: 'Send again' }).click();
    await drained(page, 90);
    await at('Two ticks · 6 of 6');
    await rows(page, 'done').waitFor();
    await accessible(page);
    await tour.getByRole('button', { name: 'End the tour' }).click();
    await tour.waitFor({ state: 'detached' });

    // Flight mode does as well; and who leaves in the midst of it is not left paused.
    await page.getByRole('button', { name: 'Help and keys' }).click();
    await page.getByRole('button', { name: 'Take the tour: two minutes' }).click();
    await tour.getByRole('button', { name: 'Fill in an example' }).click();
    await device.online(page, false);
    await at('Save the reading · 3 of 6');
    await tour.getByRole('button', { name: 'Skip the tour' }).click();
    await tour.waitFor({ state: 'detached' });
    await device.online(page, true);
    assert.equal((await status(page)).isPaused, false);

    // Nor is who closes the app in the midst of it; and who had paused before goes on by the tour's button.
    const pausedIs = (wanted: boolean) =>
      until(
        `paused is ${wanted}`,
        () => status(page),
        ({ isPaused }) => isPaused === wanted,
      );
    await page.getByRole('button', { name: 'Help and keys' }).click();
    await page.getByRole('button', { name: 'Take the tour: two minutes' }).click();
    await tour.getByRole('button', { name: 'Fill in an example' }).click();
    await tour.getByRole('button', { name: 'Send nothing for now' }).click();
    await at('Save the reading · 3 of 6');
    await pausedIs(true);
    await page.reload();
    await ready(page);
    await pausedIs(false);
    await page.getByRole('link', { name: /^Sync/ }).click();
    await page.getByRole('button', { name: 'Pause' }).click();
    await pausedIs(true);
    await page.getByRole('button', { name: 'Help and keys' }).click();
    await page.getByRole('button', { name: 'Take the tour: two minutes' }).click();
    await tour.getByRole('button', { name: 'Fill in an example' }).click();
    await at('Save the reading · 3 of 6');
    await page.getByLabel('Value', { exact: true }).fill('1205');
    await page.getByRole('button', { name: 'Save reading' }).click();
    await tour.getByRole('button', { name: 'Go on' }).click();
    await at('Come back · 5 of 6');
    await tour.getByRole('button', { name: 'Send again' }).click();
    await at('Two ticks · 6 of 6');
  },
  LONG,
);

scenario(
  'the tour speaks Arabic',
  async ({ device }) => {
    const page = await device.install();
    await page.getByRole('button', { name: 'المساعدة والمفاتيح' }).click();
    await page.getByRole('button', { name: 'ابدأ الجولة: دقيقتان' }).click();
    const tour = page.getByRole('region', { name: 'جولة' });
    await tour.getByRole('button', { name: 'املأ مثالًا' }).click();
    await tour.getByRole('heading', { name: 'اقطع الاتصال' }).waitFor();
    await accessible(page);
  },
  { locale: 'ar-EG' },
);

scenario(
  'where people sign in there are no samples and no tour',
  async ({ device }) => {
    const page = await device.install();
    await page.getByRole('button', { name: 'Help and keys' }).click();
    await page.getByRole('heading', { name: 'The marks' }).waitFor();
    assert.equal(await page.getByRole('button', { name: /tour/ }).count(), 0);
    await visit(page, '/sync/queue');
    await page.getByText('Nothing is waiting').waitFor();
    assert.equal(await page.getByRole('button', { name: /sample/ }).count(), 0);
  },
  { accounts: true },
);
