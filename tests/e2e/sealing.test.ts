/** Known answers of what is sealed: found anew, once, by another implementation (Python's cryptography), and to be opened for ever. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromBase64, toBase64 } from '../../www/lib/base64.ts';
import { blind, isUnder, type Keys, open, seal, sealToPublic } from '../../www/lib/sealing.ts';

const ROTATION = '0123456789abcdef';
const OPENER =
  'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQghzLvkcyU63dGyUTL3ElRa-f377QjiMTZfJFgnA1w4P-hRANCAARDMDwExnaJOkSBnKznCu3ZWEKzd8opN7Ow9i1nnF6O4ENtq22guYoJuyiyPR8UDGwY_9o2Tr0W5Ndx77gDBLYM';
const PUBLIC = 'BEMwPATGdok6RIGcrOcK7dlYQrN3yik3s7D2LWecXo7gQ22rbaC5igm7KLI9HxQMbBj_2jZOvRbk13HvuAMEtgw';
const UNDER_THE_KEYS = `1.${ROTATION}.21-eoPG146o3KspB0oDYOm5NyPI9D6vtdO9uTd9xa7dF7XvCangUypHFwg`;
const TO_THE_PUBLIC_KEY = `2.${ROTATION}.BNOEZ1JPA9jr4hvGM6DJcUm50NQXyBT9NZKH8B26MwyuJGDaoataPBO5HVhpEJdQQo8WXQkIiJDEZCxvQo6djjwFbYAs9tYrq-sSDxs1KuVFiDmdDIrlay-WaKQkUIyf7P5bazsfsDXT2FYq`;
const PLAIN = '{"text":"ق 1"}';

const bytes = Uint8Array.from({ length: 32 }, (_, n) => n);

async function keys(): Promise<Keys> {
  const data = await crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']);
  const opener = await crypto.subtle.importKey(
    'pkcs8',
    fromBase64(OPENER),
    { name: 'ECDH', namedCurve: 'P-256' },
    false,
    ['deriveBits'],
  );
  const index = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
  ]);
  return { index, rotations: { [ROTATION]: { data, opener } } };
}

test('what was sealed once is opened for ever, and only for what it is about', async () => {
  const mine = await keys();
  for (const sealed of [UNDER_THE_KEYS, TO_THE_PUBLIC_KEY]) {
    assert.equal(await open(mine, 'item 1', sealed), PLAIN);
    assert.equal(await open(mine, 'item 2', sealed), undefined, 'about another item');
    assert.equal(await open(mine, 'item 1', sealed.replace(/.$/, 'A')), undefined, 'changed');
    assert.equal(await open({ ...mine, rotations: {} }, 'item 1', sealed), undefined, 'without its keys');
  }
  for (const nonsense of ['', '1', '1..', `1.${ROTATION}.!`, `3.${ROTATION}.AAAA`, `2.${ROTATION}.AAAA`])
    assert.equal(await open(mine, 'item 1', nonsense), undefined, nonsense);
});

test('what is sealed now is opened, and no two are the same', async () => {
  const mine = await keys();
  const of = mine.rotations[ROTATION];
  assert.ok(of);
  const long = 'ق🙂'.repeat(30_000);
  for (const text of ['', PLAIN, long]) {
    const all: string[] = [
      await seal(ROTATION, of, 'item 1', text),
      await seal(ROTATION, of, 'item 1', text),
    ];
    all.push(await sealToPublic(ROTATION, PUBLIC, 'item 1', text));
    assert.equal(new Set(all).size, 3);
    for (const sealed of all) assert.equal(await open(mine, 'item 1', sealed), text);
    assert.deepEqual(
      all.map(sealed => isUnder(sealed, ROTATION)),
      [true, true, false],
    );
  }
});

/** RFC 4231 has no such key; the answer is Python's `hmac`. */
test('the same text comes to the same hash', async () => {
  assert.equal(
    await blind(await keys(), 'P-1\u001fU1\u001f\u001f'),
    't3uvfrL1OBmKq2ueNigHIwPchYCyMtxF-2kJS7GnrZI',
  );
  assert.equal(toBase64(fromBase64('_-8')), '_-8');
});
