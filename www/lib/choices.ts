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
  ['LOW', 'Everything'],
  ['NORMAL', 'Normal and urgent'],
  ['HIGH', 'Only what is urgent'],
];

const policies: [ConflictPolicy, string][] = [
  ['ask', 'Ask me'],
  ['keepNewest', 'Keep the newest'],
  ['keepMine', 'Keep mine'],
  ['keepTheirs', 'Keep the server’s'],
];

/** The settings of the engine, in the order and the words in which a person meets them. */
export const SETTINGS: { title: string; asks: Ask[] }[] = [
  {
    title: 'Sending',
    asks: [
      {
        kind: 'switch',
        name: 'enabled',
        label: 'Send by itself',
        hint: 'Otherwise only when you press Sync now.',
      },
      {
        kind: 'choice',
        name: 'priorityThreshold',
        label: 'What is sent by itself',
        hint: 'The rest goes when you press Sync now.',
        options: priorities,
      },
      {
        kind: 'number',
        name: 'offPeakFrom',
        label: 'Photos and the less urgent from',
        hint: 'The hour from which they are sent too, such as 22.',
        unit: 'o’clock',
        min: 0,
        max: 23,
      },
      {
        kind: 'number',
        name: 'offPeakTo',
        label: 'until',
        hint: 'From then on they wait. The same hour twice: they never wait.',
        unit: 'o’clock',
        min: 0,
        max: 23,
      },
      {
        kind: 'number',
        name: 'syncIntervalMinutes',
        label: 'Look again every',
        hint: 'While something waits.',
        unit: 'minutes',
        min: 1,
        max: 1_440,
      },
      {
        kind: 'number',
        name: 'maximumConcurrentOperations',
        label: 'Sent at the same time',
        hint: 'More is faster on a good link, and harder on a poor one.',
        unit: 'at most',
        min: 1,
        max: 8,
      },
    ],
  },
  {
    title: 'Battery',
    asks: [
      {
        kind: 'switch',
        name: 'syncOnlyWhenCharging',
        label: 'Only while charging',
        hint: 'Sync now sends in any case.',
      },
      {
        kind: 'number',
        name: 'minimumBatteryLevel',
        label: 'Wait below',
        hint: 'Unless it is being charged.',
        unit: '% battery',
        min: 0,
        max: 100,
      },
    ],
  },
  {
    title: 'When something goes wrong',
    asks: [
      {
        kind: 'choice',
        name: 'conflictPolicy',
        label: 'When the server has something else',
        hint: 'What gives way can be seen in the receipts.',
        options: policies,
      },
      {
        kind: 'number',
        name: 'maxRetryAttempts',
        label: 'Set an item aside after',
        hint: 'It then waits for you. It is never dropped.',
        unit: 'tries',
        min: 1,
        max: 100,
      },
    ],
  },
  {
    title: 'What this device keeps',
    asks: [
      {
        kind: 'number',
        name: 'receiptDays',
        label: 'Receipts',
        hint: 'What is not yet on the server is kept for ever.',
        unit: 'days',
        min: 1,
        max: 3_650,
      },
      {
        kind: 'switch',
        name: 'metrics',
        label: 'Figures of each sync',
        hint: 'They stay on this device.',
      },
      {
        kind: 'number',
        name: 'metricsDays',
        label: 'Keep figures for',
        hint: 'Older ones are erased.',
        unit: 'days',
        min: 1,
        max: 3_650,
      },
    ],
  },
];
