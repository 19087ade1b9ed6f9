/** The server by the client of those who made tus: it uploads, breaks off and goes on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Upload, type UploadOptions } from 'tus-js-client';
import { bytes, Server, sha256 } from './support/server.ts';

const MIB = 2 ** 20;

/** Uploads, until it is whole or until `breaksOff` says so of the bytes that were taken; gives its address and where it ended. */
async function upload(
  file: Buffer,
  options: UploadOptions,
  breaksOff: (taken: number) => boolean = () => false,
): Promise<{ url: string; taken: number }> {
  return await new Promise((resolve, reject) => {
    let taken = 0;
    const ended = () => resolve({ url: going.url ?? '', taken });
    const going: Upload = new Upload(file, {
      metadata: { filename: 'photo é.jpg', filetype: 'image/jpeg', sha256: sha256(file) },
      retryDelays: [0, 50, 100, 200, 400, 800, 1_600],
      ...options,
      onChunkComplete: (_size, accepted) => {
        taken = accepted;
        if (breaksOff(accepted)) going.abort().then(ended, reject);
      },
      onSuccess: ended,
      onError: reject,
    });
    going.start();
  });
}

async function withServer(play: (server: Server) => Promise<void>): Promise<void> {
  const server = await Server.start();
  try {
    await play(server);
  } finally {
    await server.close();
  }
}

test('tus-js-client uploads a file, whole and in chunks', { timeout: 30_000 }, async () => {
  await withServer(async server => {
    for (const chunkSize of [MIB, Number.POSITIVE_INFINITY]) {
      const file = bytes(2 * MIB + 17);
      const { url } = await upload(file, { endpoint: server.endpoint, chunkSize });
      assert.match(url, /\/api\/v1\/uploads\/[0-9a-f]+$/);
      assert.ok(server.keeps(file));
    }
  });
});

test('tus-js-client uploads with the creation', { timeout: 30_000 }, async () => {
  await withServer(async server => {
    const file = bytes(MIB + 1);
    await upload(file, { endpoint: server.endpoint, uploadDataDuringCreation: true });
    assert.ok(server.keeps(file));
  });
});

test('tus-js-client breaks off and goes on where it was', { timeout: 30_000 }, async () => {
  await withServer(async server => {
    const file = bytes(3 * MIB);
    const options = { endpoint: server.endpoint, chunkSize: MIB };
    const first = await upload(file, options, taken => taken >= MIB);
    assert.ok(!server.keeps(file));
    const offsets: number[] = [];
    const onProgress = (sent: number) => void offsets.push(sent);
    const second = await upload(file, { ...options, uploadUrl: first.url, onProgress });
    assert.equal(second.url, first.url);
    assert.ok((offsets[0] ?? 0) >= MIB, 'nothing is sent twice');
    assert.ok(server.keeps(file));
  });
});

test('tus-js-client goes on after the server was killed', { timeout: 30_000 }, async () => {
  await withServer(async server => {
    const file = bytes(4 * MIB);
    let crash: Promise<void> | undefined;
    const options = { endpoint: server.endpoint, chunkSize: MIB };
    await upload(file, options, () => {
      crash ??= server.crash();
      return false;
    });
    await crash;
    assert.ok(server.keeps(file));
  });
});

test('tus-js-client ends an upload, and is told what is wrong', { timeout: 30_000 }, async () => {
  await withServer(async server => {
    const file = bytes(2 * MIB);
    const { url } = await upload(file, { endpoint: server.endpoint, chunkSize: MIB }, taken => taken >= MIB);
    await Upload.terminate(url, { retryDelays: [] });
    const head = await fetch(url, { method: 'HEAD', headers: { 'tus-resumable': '1.0.0' } });
    assert.equal(head.status, 404);
    const wrong = { filename: 'x', sha256: sha256(bytes(5)) };
    const refused = upload(file, { endpoint: server.endpoint, metadata: wrong, retryDelays: [] });
    await assert.rejects(refused, /checksum_mismatch/);
    assert.ok(!server.keeps(file));
  });
});
