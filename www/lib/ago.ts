const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

/** `5 minutes ago`, `yesterday`, `just now`, in the language of the page. */
export function ago(at: number, now = Date.now()): string {
  const words = new Intl.RelativeTimeFormat(document.documentElement.lang || 'en', { numeric: 'auto' });
  for (const [unit, length] of STEPS) {
    const passed = Math.floor((now - at) / length);
    if (passed >= 1) return words.format(-passed, unit);
  }
  return words.format(0, 'second');
}
