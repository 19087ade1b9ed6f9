/** The keyboard alone: the two main jobs, and every deed of the sync centre. The focus is never lost, and always seen. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { FsConfirm } from '../../www/elements/fs-confirm.ts';
import type { FsList } from '../../www/elements/fs-list.ts';
import type { FsRows } from '../../www/elements/fs-rows.ts';
import type { Item } from '../../www/lib/generated.ts';
import type { Row } from '../../www/lib/row.ts';
import { seed } from '../shots/seed.ts';
import { enterMany, rows } from './support/app.ts';
import { installed } from './support/assess.ts';
import { drained, items, kept, status } from './support/device.ts';
import { focusComesTo, focusOf, press, tabTo, visibleFocus } from './support/keyboard.ts';
import { followMessages } from './support/messages.ts';
import { type Options, scenario } from './support/scenario.ts';
import { until } from './support/until.ts';

/** A desktop, with a list beside its detail; and a phone with a keyboard, where one lies over the other. */
const SIZES = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } };

/** Every press of a key is looked after. */
const LONG: Options = { seconds: 400 };

const type = async (page: Page, label: string, text: string) => {
  await tabTo(page, label);
  await page.keyboard.type(text);
};

/** Goes along the list, by letter and by arrow, to the row of this name. */
async function walkTo(page: Page, name: RegExp): Promise<void> {
  await page.locator('fs-rows a').first().waitFor();
  for (const key of ['j', 'ArrowDown', 'k', 'ArrowUp']) {
    if (name.test((await press(page, key)).name)) return;
  }
  throw new Error(`no row of the first is ${name}`);
}

/** Who is quick asks again before the end of the first question is told: that is no answer to the second. */
const closedAndAskedAgain = async (page: Page) => {
  const sure = await page.evaluate(async () => {
    const confirm = document.body.appendChild(document.createElement('fs-confirm') as FsConfirm);
    const words = { title: 'Sure?', text: '', yes: 'Yes', no: 'No' };
    void confirm.ask(words);
    await confirm.updateComplete;
    const dialog = confirm.shadowRoot?.querySelector('dialog');
    dialog?.close('no');
    const second = confirm.ask(words);
    await new Promise(resolve => dialog?.addEventListener('close', resolve, { once: true }));
    await new Promise(requestAnimationFrame); // all that heard of it have acted
    dialog?.close('yes');
    const sure = await second;
    confirm.remove();
    return sure;
  });
  assert.equal(sure, true);
};

/** A row that is listed late, as by a slow device, gets the focus; not from whoever has gone on meanwhile. */
async function listedLate(page: Page, tag: 'fs-list' | 'fs-rows'): Promise<void> {
  const [item] = await items(page, 'queue');
  assert.ok(item);
  for (const key of [undefined, 'Shift']) {
    await page.evaluate(
      async ([tag, id]) => {
        const list = Object.assign(document.createElement(tag), { items: [], rows: [] });
        document.body.append(list);
        list.focusOn(id);
        await list.updateComplete;
      },
      [tag, item.id] as const,
    );
    if (key) await page.keyboard.press(key);
    const found: boolean = await page.evaluate(
      async ([tag, item]) => {
        const list = document.body.querySelector<FsList | FsRows>(`body > ${tag}`);
        const standing = { icon: undefined, tone: '', words: '' };
        const row = { ...item, title: '', value: '', sort: '', at: 0, standing } as unknown as Row & Item;
        Object.assign(list ?? {}, { items: [row], rows: [row] });
        await list?.updateComplete;
        await list?.shadowRoot?.querySelector('fs-item')?.updateComplete;
        const focused = document.activeElement === list;
        list?.remove();
        return focused;
      },
      [tag, item] as const,
    );
    assert.equal(found, key === undefined, `${tag}: ${key}`);
  }
}

scenario(
  'a meter is read, corrected and discarded with the keyboard alone',
  async ({ device }) => {
    const page = await device.install();
    await device.online(page, false);
    await press(page, 'Tab'); // the first stop leads past the header
    assert.equal((await focusOf(page)).name, 'Go to the content');
    await page.keyboard.press('Enter');
    await focusComesTo(page, 'Property');
    await page.keyboard.type('P-1');
    await type(page, 'Unit', 'Attic');
    await type(page, 'Value', '12x');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').filter({ hasText: 'Something needs a correction' }).waitFor();
    await focusComesTo(page, 'Value');
    await tabTo(page, /Enter the value in digits/, 'Shift+Tab');
    await page.keyboard.press('Enter');
    await focusComesTo(page, 'Value');
    await page.keyboard.press('Control+a');
    await page.keyboard.type('120');
    await page.keyboard.press('Enter');
    await page.getByRole('status').filter({ hasText: 'Saved on this device' }).waitFor();
    await focusComesTo(page, 'Unit'); // ready for the next one

    // The same meter twice: both values are shown, and closing the question leads back.
    await page.keyboard.type('Attic');
    await type(page, 'Value', '130');
    await page.keyboard.press('Enter');
    const question = page.getByRole('dialog');
    await question.waitFor();
    await visibleFocus(page, 'the question');
    await page.keyboard.press('Escape');
    await question.waitFor({ state: 'hidden' });
    await focusComesTo(page, 'Value');
    await page.keyboard.press('Enter');
    await question.waitFor();
    await tabTo(page, /130/);
    await page.keyboard.press('Enter');
    await question.waitFor({ state: 'hidden' });
    await focusComesTo(page, 'Unit');
    const [reading] = await items(page, 'queue');
    assert.equal((reading?.data as { value?: number } | undefined)?.value, 130);

    // Its details open and close; it is discarded after a question, and had back.
    await rows(page, 'pending').filter({ hasText: '130' }).waitFor(); // in the place of the one before
    await tabTo(page, /^Saved on this device/);
    await press(page, 'Enter');
    await tabTo(page, 'Correct');
    await page.keyboard.press('Enter');
    await focusComesTo(page, 'Value');
    await tabTo(page, 'Leave it');
    await page.keyboard.press('Enter');
    await focusComesTo(page, 'Unit');
    await tabTo(page, 'Discard');
    await page.keyboard.press('Enter');
    await focusComesTo(page, 'Keep it');
    await page.keyboard.press('Escape');
    await focusComesTo(page, 'Discard');
    await closedAndAskedAgain(page);
    await page.keyboard.press('Enter');
    await focusComesTo(page, 'Keep it');
    await tabTo(page, 'Discard', 'Shift+Tab');
    const said = await followMessages(page);
    await page.keyboard.press('Enter');
    await focusComesTo(page, 'Undo');
    await page.keyboard.press('Space');
    await said('It is back in the queue.');
    await focusComesTo(page, /Attic/);

    // Help opens with its key and closes with Escape; the focus is where it was.
    const before = await focusOf(page);
    await page.keyboard.press('?');
    await page.getByRole('dialog').getByRole('heading', { name: 'Keys' }).waitFor();
    await visibleFocus(page, 'opening the help');
    await page.keyboard.press('Escape');
    await focusComesTo(page, before.name);
    await listedLate(page, 'fs-list');
  },
  LONG,
);

scenario(
  'a site is assessed, and a response planned, with the keyboard alone',
  async ({ device }) => {
    const page = await installed(device);
    await device.online(page, false);
    await tabTo(page, 'Assess');
    await page.keyboard.press('Enter');
    await focusComesTo(page, 'Assess a site');
    await tabTo(page, /^Water and sanitation/);
    await page.keyboard.press('Enter');
    await focusComesTo(page, 'Water and sanitation');
    await tabTo(page, 'Save assessment');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').filter({ hasText: 'Something needs a correction' }).waitFor();
    await visibleFocus(page, 'saving too early');
    await tabTo(page, /site/i);
    await page.keyboard.press('Enter');
    await focusComesTo(page, 'Site');
    await page.keyboard.type('Well 3');
    await tabTo(page, /^Water truck|^Well|^Spring|^Tap|^Piped/);
    await press(page, 'ArrowDown');
    await tabTo(page, 'Yes');
    await press(page, 'ArrowDown');
    assert.equal((await focusOf(page)).name, 'No');
    await tabTo(page, 'Cloudy');
    await press(page, 'Space');
    await tabTo(page, 'Save assessment');
    await page.keyboard.press('Enter');
    await focusComesTo(page, 'Saved');
    const [saved] = await items(page, 'queue');
    const { water } =
      (saved?.data as { answers?: Record<string, Record<string, unknown>> } | undefined)?.answers ?? {};
    assert.deepEqual([water?.safe, water?.unsafe], [false, ['CLOUDY']]);
    assert.ok(water?.source, 'the arrows chose one');
    await tabTo(page, 'Plan a response');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Plan a response' }).waitFor(); // for so is the link called, too
    await focusComesTo(page, 'Plan a response');
    await type(page, 'What is to be done', 'Two trucks a day');
    await tabTo(page, 'Save response');
    await page.keyboard.press('Enter');
    await focusComesTo(page, 'Saved');
    assert.equal((await items(page, 'queue')).length, 2);
  },
  LONG,
);

/** With so many left that were refused, and twice as many conflicts: one of them is dealt with, and two. */
async function settle(page: Page, size: keyof typeof SIZES, left: number): Promise<void> {
  await page.setViewportSize(SIZES[size]);
  await page.keyboard.press('g');
  await focusComesTo(page, /waiting/);
  // Beside the page on a desktop, and so before it.
  await tabTo(page, /^Queue/, size === 'desktop' ? 'Shift+Tab' : 'Tab');
  await page.keyboard.press('Enter');
  await focusComesTo(page, 'Queue');

  // Down the list and up again; into an item and back to where one was.
  await page.locator('fs-rows a').first().waitFor();
  await page.keyboard.press('j');
  await visibleFocus(page, 'J');
  const first = (await focusOf(page)).name;
  await page.keyboard.press('j');
  await visibleFocus(page, 'J again');
  assert.notEqual((await focusOf(page)).name, first);
  await page.keyboard.press('k');
  await focusComesTo(page, first);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'What happened' }).waitFor();
  await visibleFocus(page, 'opening an item');
  await page.keyboard.press('Escape');
  await focusComesTo(page, first);

  // What was refused is looked for, sent again, discarded and had back.
  await page.keyboard.press('/');
  await focusComesTo(page, 'Search the queue');
  await tabTo(page, 'State');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('S'); // “Set aside”; of several letters each begins anew where they come slowly
  await page.getByText(new RegExp(`^${left} of `)).waitFor();
  await page.keyboard.press('Enter');
  await tabTo(page, /not accepted/);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'What happened' }).waitFor();
  await tabTo(page, 'Send again');
  const said = await followMessages(page);
  await page.keyboard.press('Enter');
  await said('It will be sent again.');
  await until(
    'it waits again',
    () => status(page),
    ({ totals }) => totals.setAside === left - 1,
  );
  await page.getByRole('button', { name: 'Send again' }).waitFor({ state: 'detached' });
  await page.getByText(new RegExp(`^${left - 1} of `)).waitFor({ state: 'attached' }); // on a phone the list is behind it
  await visibleFocus(page, 'sending it again');
  await page.keyboard.press('Escape');
  await focusComesTo(page, 'Queue'); // for its row is no more among them
  await tabTo(page, 'State');
  await page.keyboard.press('S'); // “State”, after the last
  await page.keyboard.press('Enter');
  await page.getByText(/^\d+ items, newest first/).waitFor();
  await tabTo(page, /Saved here/);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'What happened' }).waitFor();
  await tabTo(page, 'Discard');
  await page.keyboard.press('Enter');
  await focusComesTo(page, 'Keep it');
  await tabTo(page, 'Discard', 'Shift+Tab');
  await page.keyboard.press('Enter');
  await focusComesTo(page, 'Undo');
  await page.keyboard.press('Enter');
  await said('It is back in the queue.');
  await until(
    'it is where the focus is: its title, or its row beside it',
    () => focusOf(page),
    ({ tag }) => tag === (size === 'phone' ? 'h2' : 'a'),
  );
  await page.keyboard.press('Escape');
  await visibleFocus(page, 'closing what is back');

  // Of two conflicts one is resolved as a whole, the other field by field.
  await tabTo(page, size === 'phone' ? 'Sync centre' : /^Conflicts/, 'Shift+Tab');
  await page.keyboard.press('Enter');
  if (size === 'phone') {
    await focusComesTo(page, /waiting/);
    await tabTo(page, /^Conflicts/);
    await page.keyboard.press('Enter');
  }
  await focusComesTo(page, 'Conflicts');
  await walkTo(page, new RegExp(`U${2 * left - 1}`));
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Or choose field by field' }).waitFor();
  await visibleFocus(page, 'opening a conflict');
  await tabTo(page, /^Yours/);
  await press(page, 'Space');
  await tabTo(page, 'Save this choice');
  await page.keyboard.press('Enter');
  await until(
    'one is resolved',
    () => status(page),
    ({ totals }) => totals.conflict === 2 * left - 1,
  );
  await focusComesTo(page, 'Conflicts');
  await walkTo(page, new RegExp(`U${2 * left}`));
  await page.keyboard.press('Enter');
  await tabTo(page, 'Keep the server’s');
  await page.keyboard.press('Enter');
  await until(
    'the other is resolved',
    () => status(page),
    ({ totals }) => totals.conflict === 2 * left - 2,
  );
  if (left === 1) await page.getByText('No conflicts').waitFor();
  await focusComesTo(page, 'Conflicts');
}

scenario(
  'on a phone and on a desktop what needs a person is found, sent again, discarded and resolved by keys alone',
  async ({ device }) => {
    const page = await device.install();
    await Promise.all(['conflicts', 'receipts', 'save-file'].map(name => kept(page, name)));
    await seed(device, page, { earlier: [], times: 2 });
    await settle(page, 'phone', 2);
    await settle(page, 'desktop', 1);
    await page.goto(new URL('/sync/queue', page.url()).href);
    await page.locator('fs-rows a').first().waitFor();
    await listedLate(page, 'fs-rows');
  },
  { seconds: 600 },
);

scenario(
  'a setting and a rule are changed and had back with the keyboard alone',
  async ({ device }) => {
    const page = await device.install();
    await Promise.all(['settings', 'rules'].map(name => kept(page, name)));
    await device.online(page, false);
    await page.keyboard.press('g');
    await focusComesTo(page, /server/);
    await tabTo(page, /^Settings/);
    await page.keyboard.press('Enter');
    await focusComesTo(page, 'Settings');
    const settings = () => page.evaluate(() => globalThis.fieldsync?.settings());
    await tabTo(page, 'Only while charging');
    const said = await followMessages(page);
    await press(page, 'Space');
    await said('Saved: Only while charging.');
    await tabTo(page, 'Undo', 'Shift+Tab');
    await page.keyboard.press('Enter');
    await until('it is undone', settings, seen => seen?.syncOnlyWhenCharging === false);
    await focusComesTo(page, 'Sync centre'); // the last thing before the message
    await tabTo(page, 'Wait below');
    await page.keyboard.press('Control+a');
    await page.keyboard.type('35');
    await page.keyboard.press('Enter');
    await until('the number is kept', settings, seen => seen?.minimumBatteryLevel === 35);
    await tabTo(page, 'When the server has something else');
    await press(page, 'ArrowDown');
    await until('the choice is kept', settings, seen => seen?.conflictPolicy === 'keepNewest');

    await page.keyboard.press('Escape');
    await tabTo(page, 'Sync centre', 'Shift+Tab');
    await page.keyboard.press('Enter');
    await focusComesTo(page, /server/);
    await tabTo(page, /^Priority rules/);
    await page.keyboard.press('Enter');
    await focusComesTo(page, 'Priority rules');
    const rules = () => page.evaluate(() => globalThis.fieldsync?.rules());
    await tabTo(page, 'Edit');
    await page.keyboard.press('Enter');
    await focusComesTo(page, 'Name');
    await tabTo(page, 'Points');
    await page.keyboard.press('Control+a');
    await page.keyboard.type('90');
    await tabTo(page, 'Take back');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Take back' }).waitFor({ state: 'detached' });
    await visibleFocus(page, 'taking the change back');
    await tabTo(page, 'Edit');
    await page.keyboard.press('Enter');
    await focusComesTo(page, 'Name');
    await tabTo(page, 'Points');
    await page.keyboard.press('Control+a');
    await page.keyboard.type('80');
    await tabTo(page, /^Move down: /);
    await press(page, 'Enter'); // it goes with the rule that it moves
    await tabTo(page, 'Save the rules');
    await page.keyboard.press('Enter');
    await said('Saved. What waits is ranked by them.');
    await focusComesTo(page, 'Priority rules');
    assert.ok((await rules())?.some(({ points }) => points === 80));
    await tabTo(page, /^Remove: /);
    await page.keyboard.press('Enter');
    await focusComesTo(page, 'Priority rules');
    await tabTo(page, 'Undo', 'Shift+Tab');
    await page.keyboard.press('Enter');
    await page.locator('article').nth(1).waitFor();
    await visibleFocus(page, 'undoing the removal');
  },
  LONG,
);

scenario(
  'a schedule and a limit are made, and the schedule ended, with the keyboard alone',
  async ({ device }) => {
    const page = await device.install();
    await kept(page, 'schedules');
    await page.keyboard.press('g');
    await focusComesTo(page, /server/);
    await tabTo(page, /^Schedules/);
    await page.keyboard.press('Enter');
    await focusComesTo(page, 'Schedules');
    await page.getByText('No schedules', { exact: true }).waitFor();
    const said = await followMessages(page);
    await tabTo(page, 'Make a schedule');
    await page.keyboard.press('Enter');
    await focusComesTo(page, 'Device');
    await tabTo(page, 'How often');
    await press(page, 'ArrowDown');
    await tabTo(page, 'Day of the week');
    await tabTo(page, 'Time');
    await page.keyboard.type('0745');
    await tabTo(page, 'Deletions too');
    await press(page, 'Space');
    await tabTo(page, 'Make this schedule');
    await page.keyboard.press('Enter');
    await said('The schedule is made.');
    await focusComesTo(page, 'Schedules');
    await page.getByRole('heading', { name: 'Every Monday at 07:45' }).waitFor();
    await tabTo(page, /^History: /);
    await press(page, 'Enter');
    await page.getByText('It has not run yet.').waitFor();
    await tabTo(page, /^Disable: /);
    await page.keyboard.press('Enter');
    await focusComesTo(page, 'Keep it');
    await tabTo(page, 'Disable', 'Shift+Tab');
    await page.keyboard.press('Enter');
    await said('The schedule is disabled.');
    await focusComesTo(page, 'Schedules');
    await type(page, 'Sending, at most', '500');
    await press(page, 'Enter');
    await said('The limits are saved.');
    await visibleFocus(page, 'saving the limits');
  },
  LONG,
);

scenario(
  'the focus goes on when the row that has it is sent',
  async ({ device }) => {
    const page = await device.install();
    await device.online(page, false);
    await enterMany(page, 3);
    await tabTo(page, /^Sync(?! now)/, 'Shift+Tab');
    await page.keyboard.press('Enter');
    await focusComesTo(page, /waiting/);
    await tabTo(page, /^Queue/);
    await page.keyboard.press('Enter');
    await focusComesTo(page, 'Queue');
    await page.locator('fs-rows a').first().waitFor();
    await page.keyboard.press('j');
    await focusComesTo(page, /U003/);
    await device.online(page, true);
    await drained(page, 90);
    await page.getByText('Nothing is waiting').waitFor();
    await focusComesTo(page, 'Queue');
  },
  LONG,
);
