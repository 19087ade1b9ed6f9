/**
 * The vault opened by the device's own lock (a finger, a face, its PIN), by WebAuthn's PRF extension: the authenticator answers the
 * same question with the same secret, once it knows its person. Under that secret the passphrase's key is sealed, on this device
 * alone. The passphrase goes on opening it.
 */
import { msg } from '@lit/localize';
import { fromBase64, toBase64 } from './base64';
import { connect } from './client';
import { type DeviceLock, theKeyring } from './keyring';
import { alone, asKey, keystore, opened, rawKeyOf, secretsOf, take } from './vault';

/** It did not come to it, in words for the person. */
export class NotUnlocked extends Error {}

/** Bytes of a nonce. */
const IV = 12;
/** How long a person has for their finger. Milliseconds. */
const PATIENCE = 60_000;
const text = new TextEncoder();

const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes));
const unable = () => new NotUnlocked(msg('This device cannot do that. Go on using the passphrase.'));

interface WithCapabilities {
  getClientCapabilities?: () => Promise<Record<string, boolean | undefined>>;
}

/** Whether this browser and device can do it, as far as they say. */
export async function isOffered(): Promise<boolean> {
  if (typeof PublicKeyCredential === 'undefined') return false;
  const { getClientCapabilities } = PublicKeyCredential as WithCapabilities;
  const able = await getClientCapabilities?.call(PublicKeyCredential).catch(() => undefined);
  if (able?.['extension:prf'] === false) return false;
  return PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable().catch(() => false);
}

/** Whether it is switched on, for the passphrase of now. */
export async function isOn(): Promise<boolean> {
  const device = await (await theKeyring()).device();
  return device !== undefined && device.salt === (await alone(keystore))?.lock.salt;
}

/** Switches it on; the passphrase is asked for once more. */
export const switchOn = (passphrase: string): Promise<void> =>
  alone(async () => {
    const own = await keystore();
    if (!own) throw new Error('this device has no vault');
    await opened(own, passphrase);
    const { email: name = 'fieldsync' } = await (await connect()).account();
    const input = random(32);
    const made = await asked(() =>
      navigator.credentials.create({
        publicKey: {
          rp: { name: 'fieldsync' },
          user: { id: random(16), name, displayName: name },
          challenge: random(32),
          pubKeyCredParams: [
            { type: 'public-key', alg: -7 },
            { type: 'public-key', alg: -257 },
          ],
          authenticatorSelection: { authenticatorAttachment: 'platform', userVerification: 'required' },
          timeout: PATIENCE,
          extensions: { prf: { eval: { first: input } } },
        },
      }),
    );
    const { prf } = made.getClientExtensionResults();
    if (!prf?.enabled) throw unable();
    const device = { credential: new Uint8Array(made.rawId), input, salt: own.lock.salt };
    // Some answer at once, others when they are asked the first time.
    const key = await keyOf(prf.results?.first ?? (await secretOf(device)));
    const iv = random(IV);
    const raw = await rawKeyOf(passphrase, own.lock);
    const rest = await crypto.subtle.encrypt(gcm(iv, own.vault, device.salt), key, raw);
    const sealed = toBase64(new Uint8Array([...iv, ...new Uint8Array(rest)]));
    await (await theKeyring()).setDevice({ ...device, sealed });
  });

export const switchOff = async (): Promise<void> => (await theKeyring()).setDevice(undefined);

/** Opens the vault, once the device knows its person. */
export const unlockHere = (): Promise<void> =>
  alone(async () => {
    const [own, device] = [await keystore(), await (await theKeyring()).device()];
    if (!own || !device) throw unable();
    const key = await keyOf(await secretOf(device));
    const all = fromBase64(device.sealed);
    const how = gcm(all.subarray(0, IV), own.vault, device.salt);
    const raw = await crypto.subtle.decrypt(how, key, all.subarray(IV)).catch(() => {
      throw unable();
    });
    await take(own, await secretsOf(own, await asKey(raw)), false);
  });

/** The authenticator's answer, once it knows its person. */
async function secretOf({ credential, input }: Omit<DeviceLock, 'sealed'>): Promise<BufferSource> {
  const known = await asked(() =>
    navigator.credentials.get({
      publicKey: {
        challenge: random(32),
        allowCredentials: [{ type: 'public-key', id: credential }],
        userVerification: 'required',
        timeout: PATIENCE,
        extensions: { prf: { eval: { first: input } } },
      },
    }),
  );
  const secret = known.getClientExtensionResults().prf?.results?.first;
  if (!secret) throw unable();
  return secret;
}

/** The key that it makes: HKDF with SHA-256. */
async function keyOf(secret: BufferSource): Promise<CryptoKey> {
  const from = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey']);
  const info = text.encode('fieldsync device unlock 1');
  const how = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info };
  return crypto.subtle.deriveKey(how, from, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

/** A person may also turn away. */
async function asked(ask: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  const answer = await ask().catch(() => null);
  if (!answer) throw new NotUnlocked(msg('The device did not unlock it. Try again, or use the passphrase.'));
  return answer as PublicKeyCredential;
}

const gcm = (iv: Uint8Array<ArrayBuffer>, vault: string, salt: string): AesGcmParams => ({
  name: 'AES-GCM',
  iv,
  additionalData: text.encode(`fieldsync device ${vault} ${salt}`),
});
