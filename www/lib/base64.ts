/** Base64 in its common form. */
export const toCommon = (bytes: ArrayBuffer | Uint8Array<ArrayBuffer>): string => {
  const all = new Uint8Array(bytes);
  let text = '';
  // A call takes only so many arguments.
  for (let at = 0; at < all.length; at += 8_192) text += String.fromCharCode(...all.subarray(at, at + 8_192));
  return btoa(text);
};

/** In its form for links (RFC 4648 §5), unpadded. */
export const toBase64 = (bytes: ArrayBuffer | Uint8Array<ArrayBuffer>): string =>
  toCommon(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');

export const fromBase64 = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), letter => letter.charCodeAt(0));
