import type { TemplateResult } from 'lit';
import { icons } from '../elements/icons';
import { activity } from './activity';
import { count, span } from './format';
import type { Status } from './generated';

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
  const needs = need > 0 ? `${count(need, 'item needs', 'items need')} you.` : undefined;
  const also = needs ? { more: needs } : {};

  if (isPaused) {
    const rest = waiting > 0 ? `${count(waiting, 'item waits', 'items wait')}.` : 'Nothing waits.';
    return {
      icon: icons.pause,
      tone: 'amber',
      words: `Paused. ${rest}`,
      more: 'Nothing is sent until you go on.',
    };
  }
  if (active && waiting > 0) {
    const answered = progress ? progress.completedItems + progress.failedItems : 0;
    const words = progress?.totalItems
      ? `Sending: ${answered} of ${count(progress.totalItems, 'item')}`
      : `Checking the connection · ${waiting} waiting`;
    return { icon: icons.sync, tone: 'blue', words, ...also };
  }
  if (waiting > 0) {
    const next = left === undefined ? '' : `, next try in ${span(left)}`;
    const why = hold ? `${hold.words}.` : 'It will be sent by itself.';
    const offline = hold?.why === 'offline';
    return {
      icon: offline ? icons.cloudOff : icons.clock,
      tone: offline ? 'grey' : 'amber',
      words: `${waiting} waiting${next}`,
      more: [why, needs].filter(Boolean).join(' '),
    };
  }
  if (needs) {
    return {
      icon: icons.alert,
      tone: 'red',
      words: need === 1 ? 'One item needs you' : `${need} items need you`,
      more: 'All the others are on the server.',
    };
  }
  return { icon: icons.ticks, tone: 'green', words: 'Everything is on the server' };
}
