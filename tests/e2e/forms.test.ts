/** The forms themselves: as the organisation has them, with drafts, mistakes and hostile text, by keyboard. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { Item } from '../../www/lib/generated.ts';
import { draftKept } from './support/app-store.ts';
import { answer, choose, group, installed, save, visit } from './support/assess.ts';
import { accessible } from './support/axe.ts';
import { drained, items, ready } from './support/device.ts';
import { enterField } from './support/field.ts';
import { followMessages } from './support/messages.ts';
import { scenario } from './support/scenario.ts';
import { until } from './support/until.ts';

/** What an assessment answers. */
const answersIn = ({ answers }: Record<string, unknown>) => answers;
const answersOf = (item: Item | undefined) => (item?.data as { answers?: unknown } | undefined)?.answers;

scenario(
  'what was begun is there after the browser was killed; what is not wanted can be had back',
  async ({ device }) => {
    let page = await installed(device);
    await device.online(page, false);
    await choose(page, 'Health');
    await page.getByLabel('Site').fill('Clinic');
    await choose(page, 'Water and sanitation');
    await page.getByLabel('Site').fill('Well 3');
    await answer(page, /safe to drink/, 'No');
    await answer(page, /What is wrong with it/, 'Cloudy');
    await page.getByLabel('Longest wait').fill('forty');
    const other = await device.open();
    await other.getByText('Well 3').waitFor();
    await draftKept(page, 'drafts', 'forty');
    await device.kill();

    await device.boot();
    page = await device.open();
    await page.getByRole('heading', { name: 'Unfinished' }).waitFor();
    await page.getByText('Clinic').waitFor();
    await accessible(page);
    await page.getByRole('link', { name: /Water and sanitation/ }).click();
    assert.equal(await page.getByLabel('Site').inputValue(), 'Well 3');
    assert.equal(await page.getByLabel('Longest wait').inputValue(), 'forty');
    assert.equal(
      await group(page, /What is wrong with it/)
        .getByLabel('Cloudy')
        .isChecked(),
      true,
    );
    await page.getByLabel('Longest wait').fill('40');
    await save(page, 'assessment');

    await page.getByRole('link', { name: 'Read a meter' }).click();
    await page.getByText('Clinic').waitFor();
    assert.equal(await page.getByRole('link', { name: /Water and sanitation/ }).count(), 0, 'it is saved');
    const said = await followMessages(page);
    await page.getByRole('button', { name: 'Discard Health' }).click();
    await said('The unfinished form was discarded.');
    await page.getByRole('heading', { name: 'Unfinished' }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('link', { name: /Health/ }).click();
    assert.equal(await page.getByLabel('Site').inputValue(), 'Clinic');
  },
  { seconds: 240 },
);

/** An organisation's own: it says nothing of how long a name may be, so the engine has to. */
const WELLS = {
  title: 'Wells',
  description: 'Hand pumps only.',
  type: 'object',
  required: ['site'],
  properties: {
    kind: { const: 'WASH' },
    site: { type: 'string', title: 'Well' },
    place: { type: 'array', title: 'Place', 'x-widget': 'position' },
    answers: {
      type: 'object',
      properties: {
        pump: { $ref: '#/$defs/pump' },
        parts: {
          type: 'string',
          enum: Array.from({ length: 12 }, (_, n) => `Part ${n + 1}`),
          title: 'Broken part',
        },
      },
      dependentRequired: { pump: ['parts'] },
    },
  },
  // Nothing that is not asked for, such as the accuracy of the place.
  additionalProperties: false,
  $defs: { pump: { type: 'boolean', title: 'Is the pump broken?' } },
};

scenario(
  'a form that the organisation changes is there when one is next begun, offline too',
  async ({ server, device }) => {
    const page = await installed(device);
    await choose(page, 'Water and sanitation');
    await page.getByLabel('Site').fill('Well 3');
    await server.changeForm('wash', WELLS);
    const other = await device.open('/assess');
    await other.getByRole('link', { name: /^Wells Hand pumps only/ }).waitFor();
    // What is open stays as it is.
    await group(page, /Main source/).waitFor();
    await save(page, 'assessment');

    await device.online(page, false);
    await page.getByRole('link', { name: 'Assess a site' }).click();
    await page.getByRole('link', { name: /^Wells/ }).click();
    await page.getByLabel('Well', { exact: true }).fill('W'.repeat(201));
    await device.isAt(page, { latitude: 5.25, longitude: 13.5, accuracy: 20 });
    await page.getByRole('button', { name: 'Use my position' }).click();
    await page.getByText('Found, to within 20 m.').waitFor();
    await answer(page, /pump broken/, 'Yes');
    await page.getByRole('button', { name: 'Save assessment' }).click();
    await page.getByRole('alert').getByRole('link', { name: 'Broken part: choose an answer.' }).click();
    await page.getByLabel('Broken part').selectOption('Part 12');
    await page.getByRole('button', { name: 'Save assessment' }).click();
    await page.getByRole('alert').getByRole('link', { name: 'Use at most 200 characters.' }).waitFor();
    await accessible(page);
    await page.getByLabel('Well', { exact: true }).fill('W'.repeat(200));
    await save(page, 'assessment');
    const [item] = await items(page, 'queue');
    assert.deepEqual(item?.data, {
      kind: 'WASH',
      site: 'W'.repeat(200),
      place: [5.25, 13.5],
      answers: { pump: true, parts: 'Part 12' },
    });
    await visit(page, '/assess');
    await page.getByRole('link', { name: /^Wells/ }).waitFor();
    await device.online(page, true);
    await drained(page, 90);
    assert.deepEqual(server.records('assessment').map(answersIn), [
      undefined,
      { pump: true, parts: 'Part 12' },
    ]);
  },
  { seconds: 240 },
);

scenario('mistakes are said in words, at their fields and above them', async ({ device }) => {
  const page = await installed(device);
  await device.online(page, false);
  await page.getByRole('link', { name: 'Assess a site' }).click();
  await page.getByRole('heading', { level: 1, name: 'Assess a site' }).waitFor();
  await accessible(page);
  await choose(page, 'Food');
  await accessible(page);
  await page.getByLabel('People affected').fill('12.5');
  await page.getByLabel('Food that families have left').fill('400');
  await page.getByLabel('Children measured').fill('x');
  await page.getByRole('button', { name: 'Save assessment' }).click();
  const said = page.getByRole('alert').getByRole('link');
  await said.first().waitFor();
  assert.deepEqual(await said.allTextContents(), [
    'Site: enter an answer.',
    'People affected: enter a whole number.',
    'Food that families have left: enter a number from 0 to 365.',
    'Children measured: enter a number in digits.',
  ]);
  await accessible(page);
  await page.getByLabel('Children measured').fill('20');
  // A question that comes with an answer, and is needed then.
  await page.getByLabel('Of these, malnourished').waitFor();
  await page.getByLabel('People affected').fill('12');
  await page.getByLabel('Food that families have left').fill('4');
  await page.getByLabel('Site').fill('Camp');
  await page.getByRole('button', { name: 'Save assessment' }).click();
  await page
    .getByRole('alert')
    .getByRole('link', { name: 'Of these, malnourished: enter an answer.' })
    .click();
  await page.keyboard.type('3');
  await save(page, 'assessment');
  await accessible(page);
  const [item] = await items(page, 'queue');
  assert.deepEqual(answersOf(item), {
    supply: { stock: 4 },
    nutrition: { screened: 20, malnourished: 3 },
  });
});

scenario('hostile text is text', async ({ server, device }) => {
  const page = await installed(device);
  const hostile = '<img src=x onerror=alert(1)>\u202egnp.exe<script>alert(2)</script>';
  await choose(page, 'Health');
  await page.getByLabel('Site').fill(`Clinic ${hostile}`);
  await page.getByLabel('Medicines that are missing').fill(hostile);
  await page.getByLabel('Note').fill(`${hostile}\u0007${'x'.repeat(5_000)}`);
  await page.getByRole('button', { name: 'Save assessment' }).click();
  await page.getByRole('alert').getByRole('link', { name: 'Use letters, digits and signs only.' }).waitFor();
  await page.getByLabel('Site').fill('Clinic <img src=x onerror=alert(3)>');
  await save(page, 'assessment');
  await page.getByText('Clinic <img src=x onerror=alert(3)>').waitFor();
  await page.getByRole('link', { name: 'Plan a response' }).click();
  await page.getByLabel('What is to be done').fill(hostile);
  await save(page, 'response');
  await drained(page, 90);
  await server.changeForm('wash', {
    ...WELLS,
    title: '<b>Wells</b>\u202e',
    properties: {
      ...WELLS.properties,
      site: { type: 'string', title: '<img src=x onerror=alert(4)>', description: hostile },
    },
  });
  await visit(page, '/assess');
  await page.getByRole('link', { name: /^<b>Wells<\/b>/ }).click();
  await page.getByText('<img src=x onerror=alert(4)>').waitFor();
  await accessible(page);
  assert.equal(await page.locator('img[src="x"], script:not([src])').count(), 0);
  const [assessment] = server.records('assessment');
  const answers = assessment?.answers as { care?: { missing?: string } } | undefined;
  assert.equal(answers?.care?.missing, hostile);
});

scenario(
  'who is signed in gets the organisation’s forms, and sees no drafts of anybody else',
  async ({ server, device }) => {
    const [anna, ben] = ['anna@example.org', 'ben@example.org'];
    const password = 'the old oak tree';
    for (const email of [anna, ben]) server.addUser(email, password);
    await server.changeForm('wash', WELLS);
    const page = await installed(device);
    await page.getByRole('link', { name: 'Assess a site' }).click();
    await page.getByRole('link', { name: /^Water and sanitation/ }).waitFor();
    const signIn = async (email: string) => {
      await page.getByRole('link', { name: 'Your account' }).click();
      await page.getByLabel('E-mail').clear();
      await page.getByLabel('E-mail').fill(email);
      await page.getByLabel('Password').fill(password);
      const said = await followMessages(page);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await said(`Signed in as ${email}`);
      await page.getByRole('link', { name: 'Assess', exact: true }).click();
    };
    await signIn(anna);
    await page.getByRole('link', { name: /^Wells/ }).click();
    await page.getByLabel('Well', { exact: true }).fill('Well 3');
    await page.getByRole('link', { name: 'Assess', exact: true }).click();
    await page.getByText('Well 3').waitFor();
    await page.getByRole('link', { name: 'Your account' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await signIn(ben);
    await page.getByRole('link', { name: /^Wells/ }).waitFor();
    assert.equal(await page.getByText('Well 3').count(), 0);
  },
  { accounts: true },
);

/** Tabs on until this has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let times = 0; times < 80; times++) {
    await page.keyboard.press('Tab');
    const there = await page.evaluate(() => {
      let found = document.activeElement;
      while (found?.shadowRoot?.activeElement) found = found.shadowRoot.activeElement;
      const label = (found as HTMLInputElement | null)?.labels?.[0]?.textContent ?? found?.textContent ?? '';
      return label.replace(/\s+/g, ' ').trim();
    });
    if (there.startsWith(name)) return;
  }
  throw new Error(`Tab does not lead to ${name}`);
}

scenario('all of it can be done with the keyboard', async ({ device }) => {
  const page = await installed(device);
  await device.online(page, false);
  await tabTo(page, 'Assess a site');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Assess a site' }).waitFor();
  await tabTo(page, 'Security');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Security' }).waitFor();
  await tabTo(page, 'Site');
  await page.keyboard.type('Bridge');
  await tabTo(page, 'Safe');
  await page.keyboard.press('Space');
  await page.keyboard.press('ArrowDown');
  await tabTo(page, 'Mines and other explosives');
  await page.keyboard.press('Space');
  await tabTo(page, 'Yes');
  await page.keyboard.press('Space');
  await tabTo(page, 'Save assessment');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Saved' }).waitFor();
  const [item] = await items(page, 'queue');
  assert.deepEqual(answersOf(item), {
    danger: { level: 'CAUTION', threats: ['MINES'], marked: true },
  });
  await tabTo(page, 'Plan a response');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Plan a response' }).waitFor();
  await page.reload();
  await ready(page);
  await page.getByRole('heading', { level: 1, name: 'Plan a response' }).waitFor();
});

scenario('while the server fails its forms the app does not ask at every event', async ({ device }) => {
  const asked = await device.fail('/api/v1/forms');
  const page = await device.install();
  await until('it has asked', asked, times => times > 0);
  const before = asked();
  await enterField(page, 5); // at once, for the minute is soon over
  await drained(page);
  assert.equal(asked(), before, 'it waits a minute');
  await device.online(page, false);
  await device.online(page, true);
  await until('it asks again when the network is back', asked, times => times > before);
});
