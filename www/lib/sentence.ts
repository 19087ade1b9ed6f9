import { msg, str } from '@lit/localize';
import type { TemplateResult } from 'lit';
import { icons } from '../elements/icons';
import { activity } from './activity';
import { number, plural, span } from './format';
import type { Status } from './generated';
import { holdWords } from './said-by-engine';

/** How things stand, in one sentence with its colour, and what else is worth knowing. */
export interface Sentence {
  icon: TemplateResult;
  tone: 'grey' | 'blue' | 'green' | 'amber' | 'red';
  words: string;
  more?: string;
}

/** The sentence that the sync centre begins with. `left` is what is left of the hold, in milliseconds. */
export function sentence(status: Status, left: number | undefined): Sentence {
  const { queueSize, totals, isPaused } = status;
  const need = totals.conflict + totals.setAside;
  const waiting = queueSize - need;
  const { active, progress, hold } = activity(status);
  const needs = need > 0 ? plural(need, msg('# item needs you.|# items need you.')) : undefined;
  const also = needs ? { more: needs } : {};

  if (isPaused) {
    const rest = waiting > 0 ? plural(waiting, msg('# item waits.|# items wait.')) : msg('Nothing waits.');
    return {
      icon: icons.pause,
      tone: 'amber',
      words: `${msg('Paused.')} ${rest}`,
      more: msg('Nothing is sent until you go on.'),
    };
  }
  if (active && waiting > 0) {
    const answered = progress ? progress.completedItems + progress.failedItems : 0;
    const words = progress?.totalItems
      ? msg(str`Sending: ${number(answered)} of ${plural(progress.totalItems, msg('# item|# items'))}`)
      : `${msg('Checking the connection')} · ${plural(waiting, msg('# waiting|# waiting'))}`;
    return { icon: icons.sync, tone: 'blue', words, ...also };
  }
  if (waiting > 0) {
    const next = left === undefined ? '' : msg(str`, next try in ${span(left)}`);
    const why = hold ? `${holdWords(hold)}.` : msg('It will be sent by itself.');
    const offline = hold?.why === 'offline';
    return {
      icon: offline ? icons.cloudOff : icons.clock,
      tone: offline ? 'grey' : 'amber',
      words: `${plural(waiting, msg('# waiting|# waiting'))}${next}`,
      more: [why, needs].filter(Boolean).join(' '),
    };
  }
  if (needs) {
    return {
      icon: icons.alert,
      tone: 'red',
      words: need === 1 ? msg('One item needs you') : plural(need, msg('# item needs you|# items need you')),
      more: msg('All the others are on the server.'),
    };
  }
  return { icon: icons.ticks, tone: 'green', words: msg('Everything is on the server') };
}
