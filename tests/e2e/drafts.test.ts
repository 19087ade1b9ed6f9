/** What was typed and not saved outlives the browser's being killed; what was saved is not saved again. */
import assert from 'node:assert/strict';
import { enter, holds, type } from './support/app.ts';
import { appStore, cutOff, draftKept } from './support/app-store.ts';
import { choose, installed, save, visit } from './support/assess.ts';
import { drained, items, ready } from './support/device.ts';
import { scenario } from './support/scenario.ts';
import { until } from './support/until.ts';

scenario('a reading that was typed is there after the browser was killed', async ({ device }) => {
  const page = await device.install();
  await device.online(page, false);
  await type(page, { property: 'P-1', unit: 'U7', meter: 'water', value: '77,5', note: 'gate is locked' });
  await draftKept(page, 'readings', 'gate is locked');
  await device.kill();
  await device.boot();
  const next = await device.open();
  await holds(next.getByLabel('Note (optional)'), 'gate is locked');
  assert.equal(await next.getByLabel('Value', { exact: true }).inputValue(), '77,5');
});

scenario('what an older version has kept is taken over, once', async ({ device }) => {
  const page = await device.install();
  const note = page.getByLabel('Note (optional)');
  await note.waitFor(); // the form has begun to look into its store
  await page.evaluate(
    () =>
      new Promise<void>((resolve, reject) => {
        const draft = { property: 'P-1', unit: 'U8', meter: '', period: '2026-10', value: '8', note: 'old' };
        localStorage.setItem('fieldsync.draft', JSON.stringify({ ...draft, keptIn: '2026-10' }));
        const opening = indexedDB.open('fieldsync-app');
        opening.onsuccess = () => {
          const change = opening.result.transaction('readings', 'readwrite');
          change.objectStore('readings').clear();
          change.oncomplete = () => resolve();
          change.onabort = () => reject(change.error);
        };
      }),
  );
  await page.reload();
  await ready(page);
  const month = page.getByLabel('Month', { exact: true });
  await holds(note, 'old');
  assert.equal(await month.inputValue(), '2026-10');
  assert.equal(await page.evaluate(() => localStorage.getItem('fieldsync.draft')), null);
  await note.fill('new');
  await draftKept(page, 'readings', 'new');
  await page.reload();
  await ready(page);
  await holds(note, 'new');
});

scenario(
  'a browser that ends right after a reading was saved leaves no draft of it',
  async ({ server, device }) => {
    const page = await device.install();
    await device.online(page, false);
    await cutOff(page, 'readings', 'drop');
    await enter(page, { property: 'P-1', unit: 'U1', value: '12' });
    assert.match(JSON.stringify(await appStore(page, 'readings')), /"value":"12".*"saving"/);
    await device.kill();
    await device.boot();
    const next = await device.open();
    await holds(next.getByLabel('Property', { exact: true }), 'P-1'); // ready for the next meter
    assert.equal(await next.getByLabel('Value', { exact: true }).inputValue(), '');
    assert.equal((await items(next, 'queue')).length, 1);
    await device.online(next, true);
    await drained(next, 90);
    assert.equal(server.readings().length, 1);
  },
  { seconds: 240 },
);

scenario(
  'an assessment, and a change of it, are not there as drafts when the browser ends after they were saved',
  async ({ server, device }) => {
    const page = await installed(device);
    await device.online(page, false);
    await choose(page, 'Shelter');
    await page.getByLabel('Site').fill('School');
    await cutOff(page, 'drafts', 'drop');
    await save(page, 'assessment');
    assert.equal((await appStore(page, 'drafts')).length, 1);
    await device.kill();
    await device.boot();
    const next = await device.open('/assess');
    await until(
      'the draft has gone',
      () => appStore(next, 'drafts'),
      all => all.length === 0,
    );
    await next.getByRole('heading', { name: 'Unfinished' }).waitFor({ state: 'detached' });

    const [item] = await items(next, 'queue');
    await visit(next, `/assess/form?item=${item?.id}`);
    await next.getByLabel('Damaged').fill('3');
    await draftKept(next, 'drafts', '"3"');
    const address = next.url();
    await cutOff(next, 'drafts', 'drop');
    await save(next, 'assessment');
    await device.kill();
    await device.boot();
    // The draft's own address, as the browser restores it, leads to what was saved.
    const last = await device.open(new URL(address).pathname + new URL(address).search);
    await last.getByRole('heading', { level: 1, name: 'Saved' }).waitFor();
    assert.equal((await appStore(last, 'drafts')).length, 0);
    assert.equal((await items(last, 'queue')).length, 2);
    await device.online(last, true);
    await drained(last, 90);
    assert.deepEqual(server.records('assessment'), [
      { kind: 'SHELTER', site: 'School', answers: { houses: { damaged: 3 } } },
    ]);
  },
  { seconds: 300 },
);

scenario('a draft that is open in two tabs becomes one record', async ({ server, device }) => {
  const page = await installed(device);
  await choose(page, 'Food');
  await page.getByLabel('Site').fill('Market');
  await draftKept(page, 'drafts', 'Market');
  const other = await device.open(new URL(page.url()).pathname + new URL(page.url()).search);
  await other.getByLabel('Note').fill('closed');
  await draftKept(other, 'drafts', 'closed');
  await save(page, 'assessment');
  await save(other, 'assessment');
  await drained(page, 90);
  assert.deepEqual(server.records('assessment'), [{ kind: 'FOOD', site: 'Market', note: 'closed' }]);
});
