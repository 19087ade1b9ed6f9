import { msg, str } from '@lit/localize';
import { bytes, bytesOf, month, number, plural } from './format';
import type {
  Action,
  AssessmentKind,
  ConnectionQuality,
  Item,
  ItemType,
  Priority,
  ResponseStatus,
  UploadProgress,
} from './generated';
import { asReading } from './reading';
import { visible } from './text';

/** How good a connection is. */
export const QUALITIES: Record<ConnectionQuality, string> = {
  excellent: msg('Excellent'),
  good: msg('Good'),
  poor: msg('Poor'),
  offline: msg('Offline'),
};

/** What each kind of record is called. */
export const TYPES: Record<ItemType, string> = {
  READING: msg('Reading'),
  ASSESSMENT: msg('Assessment'),
  RESPONSE: msg('Response'),
  MEDIA: msg('Photo or file'),
};

export const URGENCIES: Record<Priority, string> = {
  HIGH: msg('High'),
  NORMAL: msg('Normal'),
  LOW: msg('Low'),
};

/** What is done to the record. */
export const ACTIONS: Record<Action, string> = {
  CREATE: msg('New'),
  UPDATE: msg('Change'),
  DELETE: msg('Deletion'),
};

export const KINDS: Record<AssessmentKind, string> = {
  HEALTH: msg('Health'),
  WASH: msg('Water and sanitation'),
  SHELTER: msg('Shelter'),
  FOOD: msg('Food'),
  SECURITY: msg('Security'),
  POPULATION: msg('Population'),
};

export const STATUSES: Record<ResponseStatus, string> = {
  PLANNED: msg('Planned'),
  ACTIVE: msg('Active'),
  DONE: msg('Done'),
  CANCELLED: msg('Cancelled'),
};

/** An item in a few words: what it is about, the number or word that matters, and what sort of thing it is. */
export interface Description {
  title: string;
  value: string;
  sort: string;
}

/** What a file is, by its media type. */
const fileWord = (mime: string): string =>
  mime.startsWith('video/')
    ? msg('Video')
    : mime.startsWith('audio/')
      ? msg('Sound recording')
      : /^text\/|pdf$|word|excel|document|sheet/.test(mime)
        ? msg('Document')
        : msg('File');

/** How large a file is, and while it is sent how much of it the server has. */
function sizeOf(size: unknown, upload: UploadProgress | undefined): string {
  if (upload && upload.sent > 0 && upload.sent < upload.size) return bytesOf(upload.sent, upload.size);
  return typeof size === 'number' ? bytes(size) : '';
}

/** Nothing is taken for granted of the data: a server of another kind may have sent it. */
export function describe(item: Pick<Item, 'type' | 'action' | 'data' | 'patch' | 'upload'>): Description {
  const { type, action } = item;
  const data = asObject(item.data) ?? asObject(item.patch) ?? {};
  const word = (name: string) =>
    typeof data[name] === 'string' ? visible((data[name] as string).trim(), 120) : '';
  const sort = action === 'CREATE' ? TYPES[type] : `${ACTIONS[action]} · ${TYPES[type]}`;
  const reading = type === 'READING' ? asReading(item.data) : undefined;
  if (reading) {
    const codes = [reading.property, reading.unit, reading.meter ?? ''].filter(Boolean);
    return {
      title: visible(codes.join(' · '), 160),
      value: number(reading.value),
      sort: `${sort} · ${month(reading.period) ?? visible(reading.period, 40)}`,
    };
  }
  const kind = KINDS[data.kind as AssessmentKind] ?? '';
  if (type === 'ASSESSMENT') {
    const people =
      typeof data.population === 'number' ? plural(data.population, msg('# person|# people')) : '';
    return {
      title: word('site') || kind || TYPES[type],
      value: people,
      sort: [sort, kind].filter(Boolean).join(' · '),
    };
  }
  if (type === 'RESPONSE') {
    const status = STATUSES[data.status as ResponseStatus] ?? '';
    return {
      title: word('plan') || TYPES[type],
      value: status,
      sort: [sort, kind].filter(Boolean).join(' · '),
    };
  }
  const mime = word('mime');
  const photo = mime.startsWith('image/');
  const about = word('caption');
  return {
    title: photo
      ? about
        ? msg(str`Photo for ${about}`)
        : msg('Photo')
      : about || (mime ? fileWord(mime) : TYPES[type]),
    value: sizeOf(data.size, item.upload),
    sort: action === 'CREATE' && mime ? (photo ? msg('Photo') : fileWord(mime)) : sort,
  };
}

/** A thing with fields, if it is one. */
export const asObject = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
