import { msg, str } from '@lit/localize';
import { languageTag, numberTag } from './language';
import { lazily } from './lazily';
import { pluralIn } from './plural';

const language = numberTag();
const wordLanguage = languageTag();

// A format takes milliseconds to make, and the start wants few of them: each is made when it is first used.
const numbersAs = (options: Intl.NumberFormatOptions) =>
  lazily(() => new Intl.NumberFormat(language, options));
const datesAs = (options: Intl.DateTimeFormatOptions) =>
  lazily(() => new Intl.DateTimeFormat(wordLanguage, options));

// No grouping: a value looks as it does on the meter's dial.
const plain = numbersAs({ useGrouping: false, maximumFractionDigits: 6 });
const size = numbersAs({ maximumFractionDigits: 1 });
const share = numbersAs({ style: 'percent', maximumFractionDigits: 0 });
const finer = numbersAs({ style: 'percent', maximumFractionDigits: 1 });
const time = datesAs({ hour: '2-digit', minute: '2-digit' });
const dayAndTime = datesAs({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
const days = datesAs({ weekday: 'long', day: 'numeric', month: 'long' });
const full = datesAs({ dateStyle: 'medium', timeStyle: 'medium' });
const monthName = datesAs({ month: 'long', year: 'numeric', timeZone: 'UTC' });

/** What stands between whole and parts, and between thousands. */
const separators = lazily(() => {
  const parts = new Intl.NumberFormat(language).formatToParts(1234567.8);
  const mark = (type: 'decimal' | 'group') => parts.find(part => part.type === type)?.value;
  return { decimal: mark('decimal') ?? '.', group: mark('group') ?? ',' };
});

/** A meter's value, such as `29039.97`. */
export const number = (value: number): string => plain().format(value);

/** A value with every digit it has, as it would be typed: what `parseDecimal` reads as the very same number. */
export function exact(value: number): string {
  const text = String(value);
  const [digits = '', exponent] = text.split('e');
  const decimals = (digits.split('.')[1] ?? '').length - Number(exponent ?? 0);
  const plainly = exponent === undefined ? text : value.toFixed(Math.min(100, Math.max(0, decimals)));
  return separators().decimal === ',' ? plainly.replace('.', ',') : plainly;
}

/** Values that are compared, with the same number of decimals each. */
export function numbers(...values: number[]): string[] {
  const { decimal } = separators();
  const decimals = Math.max(...values.map(value => (number(value).split(decimal)[1] ?? '').length));
  const same = new Intl.NumberFormat(language, {
    useGrouping: false,
    minimumFractionDigits: decimals,
    maximumFractionDigits: Math.max(decimals, 6),
  });
  return values.map(value => same.format(value));
}

/** `14:02` today, `12 Nov, 14:02` on other days. */
export function when(at: number, now = Date.now()): string {
  const sameDay = new Date(at).toDateString() === new Date(now).toDateString();
  return (sameDay ? time : dayAndTime)().format(at);
}

/** A point in time to the second, for details. */
export const exactly = (at: number): string => full().format(at);

/** `40 s`, `2 min`, `1 h 5 min`, `3 d 2 h`; never less than a second. */
export function span(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1_000));
  if (seconds < 60) return msg(str`${number(seconds)} s`);
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 60) return inMinutes(minutes);
  if (minutes >= 48 * 60) {
    const hours = Math.ceil(minutes / 60);
    const whole = msg(str`${number(Math.floor(hours / 24))} d`);
    return hours % 24 ? `${whole} ${inHours(hours % 24)}` : whole;
  }
  const rest = minutes % 60;
  const whole = inHours(Math.floor(minutes / 60));
  return rest ? `${whole} ${inMinutes(rest)}` : whole;
}

const inMinutes = (n: number): string => msg(str`${number(n)} min`);
const inHours = (n: number): string => msg(str`${number(n)} h`);

/** `40 %` of a whole; nothing of nothing is 0 %. */
export const percent = (part: number, whole: number, decimals = 0): string =>
  (decimals > 0 ? finer : share)().format(whole > 0 ? part / whole : 0);

/** The form of a message that a number asks for: `plural(3, msg('# item|# items'))` is `3 items`. */
export const plural = (n: number, message: string): string => pluralIn(wordLanguage, n, message);

const MONTH = /^(\d{4})-(0[1-9]|1[0-2])$/;

/** `November 2026` of `2026-11`; undefined where that is no month. */
export function month(period: string): string | undefined {
  return MONTH.test(period) ? monthName().format(Date.parse(`${period}-01T00:00:00Z`)) : undefined;
}

/** The month it is on this device. */
export const thisMonth = (now = new Date()): string =>
  `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, '0')}`;

/** The month `by` months later; the current one where `period` is no month. */
export function monthsAway(period: string, by: number): string {
  const match = MONTH.exec(period);
  if (!match) return thisMonth();
  const [, year, number] = match;
  const later = new Date(Date.UTC(Number(year), Number(number) - 1 + by, 1));
  return later.toISOString().slice(0, 7);
}

/** Digits and marks of Arabic and Persian as those of other languages. */
export const inLatin = (text: string): string =>
  text
    .replace(/[٠-٩]/g, digit => String(digit.charCodeAt(0) - 0x660))
    .replace(/[۰-۹]/g, digit => String(digit.charCodeAt(0) - 0x6f0))
    .replaceAll('٫', '.')
    .replaceAll('٬', '');

/** A number as a person types it, with a comma or a point; or why it cannot be read as one. */
export function parseDecimal(text: string): number | { problem: string } {
  const typed = inLatin(text).replace(/[\s'’\u00a0\u202f]/g, '');
  if (typed === '') return { problem: msg('Enter what the meter shows.') };
  if (!/^[+-]?\d*(?:[.,]\d*)*$/.test(typed) || !/\d/.test(typed)) {
    return { problem: msg('Enter the value in digits, such as 1234 or 1234.5.') };
  }
  const marks = typed.match(/[.,]/g) ?? [];
  const last = marks.at(-1);
  if (last === undefined) return Number(typed);
  const { decimal: decimalMark, group: groupMark } = separators();
  const grouped = new RegExp(`^[+-]?[1-9]\\d{0,2}(?:\\${groupMark}\\d{3})+$`);
  if (marks.length === 1 && groupMark !== decimalMark && last === groupMark && grouped.test(typed)) {
    // 1,234 is either a thousand or one and a bit: a reading is not guessed at.
    const problem =
      last === ','
        ? msg(str`Leave out the comma between thousands, or use “${decimalMark}” for decimals.`)
        : msg(str`Leave out the point between thousands, or use “${decimalMark}” for decimals.`);
    return { problem };
  }
  if (marks.length === 1) return Number(typed.replace(',', '.'));
  const whole = typed.slice(0, typed.lastIndexOf(last));
  const others = new Set(whole.match(/[.,]/g));
  if (others.size !== 1 || others.has(last) || !/^[+-]?\d{1,3}(?:[.,]\d{3})+$/.test(whole)) {
    return { problem: msg('Enter one number, such as 1234 or 1234.5.') };
  }
  return Number(`${whole.replace(/[.,]/g, '')}.${typed.slice(typed.lastIndexOf(last) + 1)}`);
}

/** `812 B`, `34.5 kB`, `1.2 MB`. */
export function bytes(n: number): string {
  if (n < 1_000) return msg(str`${size().format(n)}\u00a0B`);
  return n < 1_000_000
    ? msg(str`${size().format(n / 1_000)}\u00a0kB`)
    : msg(str`${size().format(n / 1_000_000)}\u00a0MB`);
}

/** `1.2 of 3.4 MB`: how much of it, in the unit of the whole. */
export function bytesOf(part: number, whole: number): string {
  const unit = whole < 1_000 ? 1 : whole < 1_000_000 ? 1_000 : 1_000_000;
  return msg(str`${size().format(part / unit)} of ${bytes(whole)}`);
}

/** `Today`, `Yesterday`, `Monday 2 November`. */
export function day(at: number, now = Date.now()): string {
  const of = (time: number) => new Date(time).toDateString();
  if (of(at) === of(now)) return msg('Today');
  return of(at) === of(now - 86_400_000) ? msg('Yesterday') : days().format(at);
}

/** `14:02` */
export const clock = (at: number): string => time().format(at);
