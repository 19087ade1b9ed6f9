/** The server by Uppy, which many pages upload with: it uploads, pauses and resumes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import Uppy from '@uppy/core';
import Tus from '@uppy/tus';
import { bytes, Server, sha256 } from './support/server.ts';

const MIB = 2 ** 20;

/** Uppy with one file. Its own check of the network is a page's. */
function withFile(server: Server, file: Buffer): { uppy: Uppy; id: string } {
  const uppy = new Uppy({ autoProceed: false });
  uppy.use(Tus, {
    endpoint: server.endpoint,
    chunkSize: MIB,
    allowedMetaFields: ['name', 'type', 'sha256'],
    retryDelays: [0, 50, 100],
  });
  const data = file as unknown as Blob;
  const id = uppy.addFile({ name: 'photo.jpg', type: 'image/jpeg', data, meta: { sha256: sha256(file) } });
  return { uppy, id };
}

/** How much of the file the server has. */
async function offsetOf(uppy: Uppy, id: string): Promise<number> {
  const { tus } = uppy.getFile(id) as unknown as { tus?: { uploadUrl?: string } };
  const head = await fetch(tus?.uploadUrl ?? '', { method: 'HEAD', headers: { 'tus-resumable': '1.0.0' } });
  return Number(head.headers.get('upload-offset'));
}

test('Uppy uploads a file', { timeout: 30_000 }, async () => {
  const server = await Server.start();
  try {
    const file = bytes(2 * MIB + 5);
    const { uppy } = withFile(server, file);
    const result = await uppy.upload();
    assert.deepEqual(result?.failed, []);
    assert.equal(result?.successful?.length, 1);
    assert.ok(server.keeps(file));
    uppy.destroy();
  } finally {
    await server.close();
  }
});

test('Uppy pauses and resumes', { timeout: 30_000 }, async () => {
  const server = await Server.start();
  try {
    const file = bytes(4 * MIB);
    const { uppy, id } = withFile(server, file);
    const begun = new Promise<void>(resolve => {
      uppy.on('upload-progress', (_file, { bytesUploaded }) => {
        if (bytesUploaded > MIB) resolve();
      });
    });
    const whole = uppy.upload();
    await begun;
    uppy.pauseResume(id);
    assert.ok(uppy.getFile(id).isPaused);
    // By now whoever listened has heard of the pause.
    assert.ok((await offsetOf(uppy, id)) < file.length);
    assert.ok(!server.keeps(file));
    uppy.pauseResume(id);
    const result = await whole;
    assert.equal(result?.successful?.length, 1);
    assert.ok(server.keeps(file));
    uppy.destroy();
  } finally {
    await server.close();
  }
});
