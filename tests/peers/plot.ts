/**
 * A plot of a bench as SVG: a row for each contender, a dot for each of its rounds, a tick at the median; ms on a scale of
 * powers of ten, because the slowest takes a thousand times as long as the fastest.
 */
import { spread } from './bars.ts';
import type { Line } from './report.ts';

const [LEFT, WIDTH, ROW, FOOT] = [110, 800, 30, 40];

const text = (x: number, y: number, what: string, anchor: 'start' | 'middle' | 'end'): string =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}" font-size="13" fill="currentColor">${what}</text>`;

/** What took how long: sending where the bench has that, else keeping one item. */
function times({ results }: Line): number[] {
  return results.map(({ drained, entered, items }) => drained ?? entered / items);
}

export function plot(lines: Line[]): string {
  const all = lines.flatMap(times);
  const [from, to] = [Math.floor(Math.log10(Math.min(...all))), Math.ceil(Math.log10(Math.max(...all)))];
  const x = (ms: number) => LEFT + ((Math.log10(ms) - from) / Math.max(1, to - from)) * (WIDTH - LEFT - 20);
  const height = lines.length * ROW + FOOT;
  const parts = Array.from({ length: to - from + 1 }, (_, n) => {
    const at = x(10 ** (from + n));
    const line = `<line x1="${at}" x2="${at}" y1="0" y2="${height - FOOT}" stroke="#ccc"/>`;
    return (
      line +
      text(
        at,
        height - FOOT + 18,
        `${Number((10 ** (from + n)).toPrecision(1)).toLocaleString('en')} ms`,
        'middle',
      )
    );
  });
  for (const [n, line] of lines.entries()) {
    const y = n * ROW + ROW / 2;
    const seen = times(line);
    const colour = line.contender === 'fieldsync' ? '#0a7' : '#555';
    const middle = x(spread(seen).median);
    parts.push(text(LEFT - 10, y + 4, line.contender, 'end'));
    parts.push(
      `<line x1="${middle}" x2="${middle}" y1="${y - 10}" y2="${y + 10}" stroke="${colour}" stroke-width="2"/>`,
    );
    for (const ms of seen)
      parts.push(`<circle cx="${x(ms)}" cy="${y}" r="4" fill="${colour}" fill-opacity="0.6"/>`);
  }
  return `<svg viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" role="img" aria-label="ms of each contender">${parts.join('')}</svg>`;
}
