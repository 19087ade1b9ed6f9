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
    title: 'Overview',
    purpose: 'What sync is doing now',
    icon: icons.sync,
  },
  {
    path: '/sync/queue',
    title: 'Queue',
    purpose: 'All that is not yet on the server',
    icon: icons.list,
    count: status => ({ n: status.queueSize }),
  },
  {
    path: '/sync/conflicts',
    title: 'Conflicts',
    purpose: 'Choose between yours and the server’s',
    icon: icons.sides,
    count: ({ totals }) => ({ n: totals.conflict, need: true }),
  },
  {
    path: '/sync/receipts',
    title: 'Receipts',
    purpose: 'What the server has confirmed',
    icon: icons.receipt,
  },
  { path: '/sync/priority', title: 'Priority', purpose: 'What goes first, and how soon', icon: icons.sort },
  { path: '/sync/rules', title: 'Priority rules', purpose: 'What makes an item urgent', icon: icons.rule },
  { path: '/sync/history', title: 'History', purpose: 'Every sync, day by day', icon: icons.history },
  { path: '/sync/metrics', title: 'Figures', purpose: 'Items, bytes, battery over time', icon: icons.chart },
  {
    path: '/sync/settings',
    title: 'Settings',
    purpose: 'When it is sent, how the app looks',
    icon: icons.gear,
  },
];
