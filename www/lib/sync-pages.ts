import { msg } from '@lit/localize';
import type { TemplateResult } from 'lit';
import { icons } from '../elements/icons';
import type { Status } from './generated';

/** A page of the sync centre, as its lists of links show it. */
export interface SyncPage {
  path: string;
  title: string;
  /** What a person does there. */
  purpose: string;
  icon: TemplateResult;
  /** How many things are there, and whether they need the person. */
  count?: (status: Status) => { n: number; need?: boolean };
}

export const syncPages: SyncPage[] = [
  {
    path: '/sync',
    title: msg('Overview'),
    purpose: msg('What sync is doing now'),
    icon: icons.sync,
  },
  {
    path: '/sync/queue',
    title: msg('Queue'),
    purpose: msg('All that is not yet on the server'),
    icon: icons.list,
    count: status => ({ n: status.queueSize }),
  },
  {
    path: '/sync/conflicts',
    title: msg('Conflicts'),
    purpose: msg('Choose between yours and the server’s'),
    icon: icons.sides,
    count: ({ totals }) => ({ n: totals.conflict, need: true }),
  },
  {
    path: '/sync/receipts',
    title: msg('Receipts'),
    purpose: msg('What the server has confirmed'),
    icon: icons.receipt,
  },
  {
    path: '/sync/priority',
    title: msg('Priority'),
    purpose: msg('What goes first, and how soon'),
    icon: icons.sort,
  },
  {
    path: '/sync/rules',
    title: msg('Priority rules'),
    purpose: msg('What makes an item urgent'),
    icon: icons.rule,
  },
  {
    path: '/sync/history',
    title: msg('History'),
    purpose: msg('Every sync, day by day'),
    icon: icons.history,
  },
  {
    path: '/sync/metrics',
    title: msg('Figures'),
    purpose: msg('Items, bytes, battery over time'),
    icon: icons.chart,
  },
  {
    path: '/sync/health',
    title: msg('Sync health'),
    purpose: msg('Your devices, and whether they are in step'),
    icon: icons.tick,
  },
  {
    path: '/sync/schedules',
    title: msg('Schedules'),
    purpose: msg('When your devices sync, and how fast'),
    icon: icons.clock,
  },
  {
    path: '/sync/settings',
    title: msg('Settings'),
    purpose: msg('When it is sent, how the app looks'),
    icon: icons.gear,
  },
];
