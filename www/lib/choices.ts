import { msg } from '@lit/localize';
import type { ConflictPolicy, Priority, Settings } from './generated';

/** A setting as the page asks for it: a switch, a number within limits, or one of several. */
export type Ask =
  | { kind: 'switch'; name: keyof Settings; label: string; hint: string }
  | {
      kind: 'number';
      name: keyof Settings;
      label: string;
      hint: string;
      unit: string;
      min: number;
      max: number;
    }
  | { kind: 'choice'; name: keyof Settings; label: string; hint: string; options: [string, string][] };

const priorities: [Priority, string][] = [
  ['LOW', msg('Everything')],
  ['NORMAL', msg('Normal and urgent')],
  ['HIGH', msg('Only what is urgent')],
];

const policies: [ConflictPolicy, string][] = [
  ['ask', msg('Ask me')],
  ['keepNewest', msg('Keep the newest')],
  ['keepMine', msg('Keep mine')],
  ['keepTheirs', msg('Keep the server’s')],
];

/** The settings of the engine, in the order and the words in which a person meets them. */
export const SETTINGS: { title: string; asks: Ask[] }[] = [
  {
    title: msg('Sending', { id: 'settings-sending' }),
    asks: [
      {
        kind: 'switch',
        name: 'enabled',
        label: msg('Send by itself'),
        hint: msg('Otherwise only when you press Sync now.'),
      },
      {
        kind: 'choice',
        name: 'priorityThreshold',
        label: msg('What is sent by itself'),
        hint: msg('The rest goes when you press Sync now.'),
        options: priorities,
      },
      {
        kind: 'number',
        name: 'offPeakFrom',
        label: msg('Photos and the less urgent from'),
        hint: msg('The hour from which they are sent too, such as 22.'),
        unit: msg('o’clock'),
        min: 0,
        max: 23,
      },
      {
        kind: 'number',
        name: 'offPeakTo',
        label: msg('until'),
        hint: msg('From then on they wait. The same hour twice: they never wait.'),
        unit: msg('o’clock'),
        min: 0,
        max: 23,
      },
      {
        kind: 'number',
        name: 'syncIntervalMinutes',
        label: msg('Look again every'),
        hint: msg('While something waits.'),
        unit: msg('minutes'),
        min: 1,
        max: 1_440,
      },
      {
        kind: 'number',
        name: 'maximumConcurrentOperations',
        label: msg('Sent at the same time'),
        hint: msg('More is faster on a good link, and harder on a poor one.'),
        unit: msg('at most'),
        min: 1,
        max: 8,
      },
    ],
  },
  {
    title: msg('Battery'),
    asks: [
      {
        kind: 'switch',
        name: 'syncOnlyWhenCharging',
        label: msg('Only while charging'),
        hint: msg('Sync now sends in any case.'),
      },
      {
        kind: 'number',
        name: 'minimumBatteryLevel',
        label: msg('Wait below'),
        hint: msg('Unless it is being charged.'),
        unit: msg('% battery'),
        min: 0,
        max: 100,
      },
    ],
  },
  {
    title: msg('When something goes wrong'),
    asks: [
      {
        kind: 'choice',
        name: 'conflictPolicy',
        label: msg('When the server has something else'),
        hint: msg('What gives way can be seen in the receipts.'),
        options: policies,
      },
      {
        kind: 'number',
        name: 'maxRetryAttempts',
        label: msg('Set an item aside after'),
        hint: msg('It then waits for you. It is never dropped.'),
        unit: msg('tries'),
        min: 1,
        max: 100,
      },
    ],
  },
  {
    title: msg('What this device keeps'),
    asks: [
      {
        kind: 'number',
        name: 'receiptDays',
        label: msg('Receipts'),
        hint: msg('What is not yet on the server is kept for ever.'),
        unit: msg('days'),
        min: 1,
        max: 3_650,
      },
      {
        kind: 'switch',
        name: 'metrics',
        label: msg('Figures of each sync'),
        hint: msg('They stay on this device.'),
      },
      {
        kind: 'number',
        name: 'metricsDays',
        label: msg('Keep figures for'),
        hint: msg('Older ones are erased.'),
        unit: msg('days'),
        min: 1,
        max: 3_650,
      },
    ],
  },
];
