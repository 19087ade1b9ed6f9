/** Base64 in its common form. */
export const toCommon = (bytes: ArrayBuffer | Uint8Array<ArrayBuffer>): string => {
  const all = new Uint8Array(bytes);
  let text = '';
  // A call takes only so many arguments.
  for (let at = 0; at < all.length; at += 8_192) text += String.fromCharCode(...all.subarray(at, at + 8_192));
  return btoa(text);
};

/** What younger browsers have of their own, many times as quick. */
type Form = { alphabet: 'base64url'; omitPadding?: true };
interface Quick {
  toBase64?(form: Form): string;
}
const quick = Uint8Array as { fromBase64?(text: string, form: Form): Uint8Array<ArrayBuffer> };

/** In its form for links (RFC 4648 §5), unpadded. */
export const toBase64 = (bytes: ArrayBuffer | Uint8Array<ArrayBuffer>): string =>
  (new Uint8Array(bytes) as Quick).toBase64?.({ alphabet: 'base64url', omitPadding: true }) ??
  toCommon(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  if (quick.fromBase64) return quick.fromBase64(text, { alphabet: 'base64url' });
  const letters = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  const bytes = new Uint8Array(letters.length);
  // Every row that is opened goes by here: `Uint8Array.from` takes twenty times as long.
  for (let at = 0; at < letters.length; at++) bytes[at] = letters.charCodeAt(at);
  return bytes;
}
