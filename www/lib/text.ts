/** Characters that would hide or rearrange what someone typed: controls, direction marks and overrides, invisible ones. */
const HIDDEN = /(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** Text as it may be shown: nothing invisible in it, and not longer than a person would read. */
export function visible(text: string, most = 400): string {
  const shown = text.slice(0, most).replace(HIDDEN, mark => {
    const code = mark.codePointAt(0) ?? 0;
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    if (code === 0x7f) return '\u2421';
    return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
  });
  return text.length > most ? `${shown}…` : shown;
}
