import { msg, str } from '@lit/localize';
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

/** `brief`: for a row, where there is little room and the time of a receipt has a place of its own. */
export function standing(item: Pick<Item, 'state' | 'due' | 'receipt'>, brief = false): Standing {
  switch (item.state) {
    case 'pending':
      return {
        icon: icons.tick,
        tone: 'grey',
        words: brief ? msg('Saved here') : msg('Saved on this device'),
      };
    case 'blocked':
      return {
        icon: icons.clock,
        tone: 'grey',
        words: brief
          ? msg('Saved here; goes after an earlier entry')
          : msg('Saved on this device; goes after an earlier entry'),
      };
    case 'inFlight':
      return { icon: icons.sync, tone: 'blue', words: msg('Being sent') };
    case 'retryAt': {
      const words = item.due === undefined ? msg('Trying again later') : msg(str`Next try ${when(item.due)}`);
      return { icon: icons.clock, tone: 'amber', words };
    }
    case 'conflict':
      return { icon: icons.alert, tone: 'red', words: msg('Needs you: choose a side') };
    case 'setAside':
      return { icon: icons.alert, tone: 'red', words: msg('Needs you: not accepted') };
    case 'done': {
      if (item.receipt?.yielded)
        return { icon: icons.tick, tone: 'grey', words: msg('Given up for the server’s') };
      const at = item.receipt && !brief ? ` · ${when(item.receipt.at)}` : '';
      return { icon: icons.ticks, tone: 'green', words: `${msg('On the server')}${at}` };
    }
  }
}
