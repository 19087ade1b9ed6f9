import type { TemplateResult } from 'lit';
import { icons } from '../elements/icons';
import { when } from './format';
import type { Item } from './generated';

/** Where an item is on its way, as every list says it: a mark, its colour, and words. */
export interface Standing {
  icon: TemplateResult;
  tone: 'grey' | 'blue' | 'green' | 'amber' | 'red';
  words: string;
}

export function standing(item: Pick<Item, 'state' | 'due' | 'receipt'>): Standing {
  switch (item.state) {
    case 'pending':
      return { icon: icons.tick, tone: 'grey', words: 'Saved on this device' };
    case 'blocked':
      return { icon: icons.clock, tone: 'grey', words: 'Saved on this device; goes after an earlier entry' };
    case 'inFlight':
      return { icon: icons.sync, tone: 'blue', words: 'Being sent' };
    case 'retryAt': {
      const words = item.due === undefined ? 'Trying again later' : `Next try ${when(item.due)}`;
      return { icon: icons.clock, tone: 'amber', words };
    }
    case 'conflict':
      return { icon: icons.alert, tone: 'red', words: 'Needs you: choose a side' };
    case 'setAside':
      return { icon: icons.alert, tone: 'red', words: 'Needs you: not accepted' };
    case 'done': {
      if (item.receipt?.yielded)
        return { icon: icons.tick, tone: 'grey', words: 'Given up for the server’s' };
      const at = item.receipt ? ` · ${when(item.receipt.at)}` : '';
      return { icon: icons.ticks, tone: 'green', words: `On the server${at}` };
    }
  }
}
