import { msg, str } from '@lit/localize';
import type { OwnRun } from './due';
import { bytes, number, plural } from './format';
import type { Device, ResolveConflicts, RunOutcome, Schedule, ScheduleDraft, Weekday } from './generated';
import { languageTag } from './language';
import { holdWords } from './said-by-engine';
import { visible } from './text';

export const WEEKDAYS: Weekday[] = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
];

/** A Monday; by it days and times are named that are of no date. */
const MONDAY = Date.UTC(2024, 0, 1);
const DAY = 86_400_000;

const named = (at: number, options: Intl.DateTimeFormatOptions): string =>
  new Intl.DateTimeFormat(languageTag(), { timeZone: 'UTC', ...options }).format(at);

export const weekday = (day: Weekday): string =>
  named(MONDAY + WEEKDAYS.indexOf(day) * DAY, { weekday: 'long' });

/** What becomes of a clash, as it is chosen. */
export const CLASHES: [ResolveConflicts, string][] = [
  ['ask', msg('Ask me: I choose under Conflicts')],
  ['keep_newest', msg('What was entered later counts')],
  ['keep_local', msg('What is on the device counts')],
  ['keep_remote', msg('What is on the server counts')],
];

/** The clocks that this device goes by. */
export const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The zones that the browser knows, this device's own among them. */
export function zones(): string[] {
  return [...new Set([ownZone(), 'UTC', ...Intl.supportedValuesOf('timeZone')])].sort();
}

/** `Every day at 06:30`. */
export function often({ scheduleType, timeOfDay, dayOfWeek, dayOfMonth }: ScheduleDraft): string {
  const [hours = 0, minutes = 0] = timeOfDay.split(':').map(Number);
  const time = named(MONDAY + (hours * 60 + minutes) * 60_000, { hour: '2-digit', minute: '2-digit' });
  if (scheduleType === 'weekly' && dayOfWeek) return msg(str`Every ${weekday(dayOfWeek)} at ${time}`);
  if (scheduleType === 'monthly' && dayOfMonth)
    return msg(str`Every month on day ${number(dayOfMonth)} at ${time}`);
  return msg(str`Every day at ${time}`);
}

/** `Mon, 30 Nov 2026, 06:30`, by the clocks of a place; by this device's where it knows no such place. */
export function inZone(at: number, timeZone: string): string {
  const options: Intl.DateTimeFormatOptions = {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  };
  try {
    return new Intl.DateTimeFormat(languageTag(), { ...options, timeZone }).format(at);
  } catch {
    return new Intl.DateTimeFormat(languageTag(), options).format(at);
  }
}

/** A time by the clocks of the place, and by the person's own where those show another. */
export function runWords(at: number, timeZone: string): { there: string; here?: string } {
  const [there, here] = [inZone(at, timeZone), inZone(at, ownZone())];
  return there === here ? { there } : { there, here: msg(str`${here} on this device’s clock`) };
}

/** What a person calls a device. */
export function deviceName(id: string, devices: Device[], own: string): string {
  const name = devices.find(({ deviceId }) => deviceId === id)?.name;
  if (id === own) return name ? msg(str`${visible(name, 60)} (this device)`) : msg('This device');
  return visible(name || id, 60);
}

export const clashWords = ({ resolveConflicts }: Schedule): string =>
  CLASHES.find(([name]) => name === resolveConflicts)?.[1] ?? '';

const OUTCOMES: Record<RunOutcome, string> = {
  asked: msg('The server asked the device to sync.'),
  revoked: msg('The device was revoked, so the schedule has ended.'),
  failed: msg('The server could not tell when it runs next. It tries again a day later.'),
};

export const serverRunWords = (outcome: RunOutcome, changes: number): string =>
  outcome === 'asked'
    ? `${OUTCOMES.asked} ${plural(changes, msg('# record was new for it.|# records were new for it.'))}`
    : OUTCOMES[outcome];

/** What came of a run that this device made by itself. */
export function ownRunWords({ outcome, broken }: OwnRun): string {
  if (broken) return msg('It could not begin. It is made up for with the next sync.');
  if (!outcome) return msg('It began here; how it ended is not known.');
  const { sent, failed, remaining, hold } = outcome;
  const words = [
    sent > 0 ? plural(sent, msg('# entry was sent.|# entries were sent.')) : '',
    failed > 0 ? plural(failed, msg('# entry was not accepted.|# entries were not accepted.')) : '',
    remaining > 0 ? plural(remaining, msg('# entry waited on.|# entries waited on.')) : '',
    hold ? `${holdWords({ ...hold, until: 0 } as Parameters<typeof holdWords>[0])}.` : '',
  ].filter(Boolean);
  return words.length > 0 ? words.join(' ') : msg('Nothing was waiting.');
}

/** `500 kB a second`. */
export const speed = (limit: number): string => msg(str`${bytes(limit)} a second`);
