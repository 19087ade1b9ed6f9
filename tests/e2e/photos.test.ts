/** Photos and files that go with a record: without what the camera knows, after the text, each of them once. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { type } from './support/app.ts';
import { appStore, cutOff, draftKept } from './support/app-store.ts';
import { choose, installed, save } from './support/assess.ts';
import { accessible } from './support/axe.ts';
import { allSent, items } from './support/device.ts';
import { followMessages } from './support/messages.ts';
import { addPhoto, jpeg } from './support/photo.ts';
import { scenario } from './support/scenario.ts';
import type { Server } from './support/server.ts';
import { until } from './support/until.ts';

/** The photos that the server has, and what they are. */
const photos = (server: Server): Record<string, unknown>[] =>
  server.records('media').map(media => {
    const { bytes, sha256, size, ...data } = media;
    const content = server.content(media);
    assert.equal(size, bytes === undefined ? content.length : undefined);
    return { ...data, ...jpeg(content), inline: bytes !== undefined };
  });

scenario(
  'a reading’s photo outlives a kill, waits for its reading, and is on the server once, upright and without its place',
  async ({ server, device }) => {
    const page = await device.install();
    await device.online(page, false);
    await type(page, { property: 'P-1', unit: 'U1', meter: 'water', value: '1204' });
    await page.getByLabel('Add a photo').setInputFiles({
      name: 'notes.jpg',
      mimeType: 'image/jpeg',
      buffer: Buffer.from('no picture at all'),
    });
    await page.getByText('This picture cannot be opened here.').waitFor();
    await addPhoto(page);
    await page.getByText('This picture cannot be opened here.').waitFor({ state: 'hidden' });
    await accessible(page);
    await addPhoto(page, 2);
    await page.getByRole('button', { name: 'Remove photo 2' }).click();
    await page.getByRole('img', { name: 'Photo 2' }).waitFor({ state: 'detached' });
    const [first] = (await appStore(page, 'photos')) as { id: string }[];
    await draftKept(page, 'readings', `"photos":["${first?.id}"]`);
    await device.kill();
    await device.boot();

    const next = await device.open();
    await next.getByRole('img', { name: 'Photo 1' }).waitFor();
    // Killed again, between the reading and its photo.
    await cutOff(next, 'photos', 'look');
    const said = await followMessages(next);
    await next.getByRole('button', { name: 'Save reading' }).click();
    await said('A photo could not be saved.');
    assert.deepEqual(
      (await items(next, 'queue')).map(({ type }) => type),
      ['READING'],
    );
    await device.kill();
    await device.boot();

    const last = await device.open();
    const queue = await until(
      'the photo waits',
      () => items(last, 'queue'),
      all => all.length === 2,
    );
    const [photo, reading] = queue;
    assert.deepEqual([photo?.type, photo?.state, photo?.dependsOn], ['MEDIA', 'blocked', reading?.id]);
    assert.equal(await last.getByLabel('Value', { exact: true }).inputValue(), '');
    await last.getByText('Photo for P-1 · U1 · water').waitFor();
    await device.online(last, true);
    await allSent(last);
    assert.equal(server.readings().length, 1);
    assert.deepEqual(photos(server), [
      {
        mime: 'image/jpeg',
        of: reading?.entityId,
        caption: 'P-1 · U1 · water',
        width: 1200,
        height: 1600,
        exif: false,
        inline: false,
      },
    ]);
    const at = (id?: string) => server.receipts().find(({ itemId }) => itemId === id)?.at ?? 0;
    assert.ok(at(reading?.id) <= at(photo?.id), 'text goes first');
  },
  { seconds: 240 },
);

scenario(
  'an assessment’s photos are shown where it was saved and in the queue, and go and come back with it',
  async ({ server, device }) => {
    const page = await installed(device);
    await device.online(page, false);
    await choose(page, 'Water and sanitation');
    await page.getByLabel('Site').fill('Well 3');
    await addPhoto(page);
    await addPhoto(page, 2);
    await save(page, 'assessment');
    await page.getByRole('list', { name: 'Photos' }).getByRole('img').nth(1).waitFor();
    await accessible(page);
    await page.getByRole('link', { name: /^Sync/ }).click();
    await page.getByRole('link', { name: /^Queue/ }).click();
    await page.getByLabel('Type').selectOption({ label: 'Photo or file' });
    await page
      .getByRole('link', { name: /Photo for Well 3/ })
      .first()
      .click();
    const picture = page.getByRole('img', { name: 'Photo', exact: true });
    await until(
      'it is shown',
      () => picture.evaluate(img => (img as HTMLImageElement).naturalHeight),
      height => height > 0,
    );
    await accessible(page);
    await page.goBack();
    await page.getByLabel('Type').selectOption({ label: 'Assessment' });
    await page.getByRole('link', { name: /^Well 3/ }).click();
    await page.getByRole('list', { name: 'Photos' }).getByRole('img').nth(1).waitFor();
    await page.getByRole('button', { name: 'Discard' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click();
    await page.getByRole('button', { name: 'Undo' }).waitFor();
    assert.deepEqual(await items(page, 'queue'), []);
    await page.getByRole('button', { name: 'Undo' }).click();
    await until(
      'all are back',
      () => items(page, 'queue'),
      all => all.length === 3,
    );
    await device.online(page, true);
    await allSent(page);
    const [assessment] = (await items(page, 'done')).filter(({ type }) => type === 'ASSESSMENT');
    assert.deepEqual(
      photos(server).map(({ of, exif }) => [of, exif]),
      Array(2).fill([assessment?.entityId, false]),
    );
    assert.equal(server.records('assessment').length, 1);
  },
  { seconds: 240 },
);

scenario(
  'a phone’s photo goes with at most 2,048 pixels, a small one in its entry, and a file as it is, outliving a kill',
  async ({ server, device }) => {
    const page = await device.install();
    await device.online(page, false);
    await type(page, { property: 'P-1', unit: 'U1', meter: 'water', value: '1204' });
    await page
      .getByLabel('Add a photo')
      .setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: await drawing(page, 4_000, 3_000) });
    await page.getByRole('img', { name: 'Photo 1' }).waitFor();
    await page
      .getByLabel('Add a photo')
      .setInputFiles({ name: 'b.png', mimeType: 'image/png', buffer: await drawing(page, 40, 30) });
    await page.getByRole('img', { name: 'Photo 2' }).waitFor();
    await page.getByLabel('Attach a file').setInputFiles({
      name: 'empty.pdf',
      mimeType: 'application/pdf',
      buffer: Buffer.alloc(0),
    });
    await page.getByText('This file is empty, or cannot be read.').waitFor();
    const plan = Buffer.from(Array.from({ length: 2_500_000 }, (_, n) => (n * 7919) % 251));
    const attached = { mimeType: 'application/pdf', buffer: plan };
    for (const name of ['wrong.pdf', '<b>plan</b>.pdf'])
      await page.getByLabel('Attach a file').setInputFiles({ ...attached, name });
    await page.getByText('<b>plan</b>.pdf').waitFor();
    await page.getByRole('button', { name: 'Remove wrong.pdf' }).click();
    await page.getByText('wrong.pdf').waitFor({ state: 'detached' });
    await accessible(page);
    const [first] = (await appStore(page, 'photos')) as { id: string }[];
    await draftKept(page, 'readings', `"photos":["${first?.id}"`);
    await device.kill();
    await device.boot();

    const next = await device.open();
    await next.getByText('<b>plan</b>.pdf').waitFor();
    await next.getByRole('button', { name: 'Save reading' }).click();
    await until(
      'all of it waits',
      () => items(next, 'queue'),
      all => all.length === 4,
    );
    await device.online(next, true);
    await allSent(next);
    const media = server.records('media');
    const pictures = media.filter(({ mime }) => mime === 'image/jpeg');
    const sizes = pictures.map(record => [jpeg(server.content(record)).width, record.bytes !== undefined]);
    assert.deepEqual(
      sizes.sort(([one], [other]) => Number(one) - Number(other)),
      [
        [40, true],
        [2048, false],
      ],
    );
    const files = media.filter(({ mime }) => mime === 'application/pdf');
    assert.deepEqual(
      files.map(record => [record.caption, record.size, server.content(record).equals(plan)]),
      [['<b>plan</b>.pdf', plan.length, true]],
    );
    await next.getByRole('link', { name: /^Sync/ }).click();
    await next.getByRole('link', { name: /^Receipts/ }).click();
    await next
      .getByRole('link', { name: /<b>plan<\/b>\.pdf/ })
      .first()
      .waitFor();
  },
  { seconds: 240 },
);

/** A picture with much in it, as a camera would have it. */
const drawing = async (page: Page, width: number, height: number): Promise<Buffer> => {
  const address = await page.evaluate(
    ([width = 0, height = 0]) => {
      const canvas = Object.assign(document.createElement('canvas'), { width, height });
      const pen = canvas.getContext('2d');
      for (let n = 0; n < 4_000; n++) {
        if (!pen) break;
        pen.fillStyle = `hsl(${(n * 47) % 360} 80% ${20 + (n % 60)}%)`;
        pen.fillRect((n * 7_919) % width, (n * 104_729) % height, width / 20, height / 30);
      }
      return canvas.toDataURL('image/png');
    },
    [width, height],
  );
  return Buffer.from(address.split(',')[1] ?? '', 'base64');
};
