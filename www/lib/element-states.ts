import type { Hold, Item, ItemState, Progress, Settings, Status, Why } from './generated';

/** States as an engine tells them, for the page that shows the elements in all of theirs. Times count from now. */

const MINUTE = 60_000;
const PERIOD = new Date().toISOString().slice(0, 7);

const nothing: Status = {
  isActive: false,
  connectivity: {
    isOnline: true,
    connectionType: 'wifi',
    connectionQuality: 'good',
    lastConnected: null,
    networkSpeed: null,
    batteryLevel: null,
    isCharging: null,
  },
  queueSize: 0,
  totals: {
    pending: 0,
    retryAt: 0,
    blocked: 0,
    conflict: 0,
    setAside: 0,
    bytes: 0,
    laneChanges: 0,
  },
  isPaused: false,
  vault: 'absent',
};

/** So many items wait, so many need the person. */
function waiting(pending: number, conflict = 0, more: Partial<Status> = {}): Status {
  const totals = { ...nothing.totals, pending, conflict };
  return { ...nothing, queueSize: pending + conflict, totals, ...more };
}

const offline = { connectivity: { ...nothing.connectivity, isOnline: false } };

const hold = (why: Why, words: string, now: number): Hold => ({ why, words, until: now + 2 * MINUTE });

const drain = (now: number, completedItems: number, failedItems = 0): Progress => ({
  trigger: 'auto',
  startedAt: now - MINUTE,
  totalItems: 20,
  completedItems,
  failedItems,
  ...(completedItems > 0 ? { lastSyncAttempt: now } : {}),
});

export const statuses = (now = Date.now()) => ({
  idle: nothing,
  unknown: { ...nothing, connectivity: { ...nothing.connectivity, isOnline: null } },
  offline: waiting(3, 0, { ...offline, hold: hold('offline', 'Waiting for a connection', now) }),
  held: waiting(5, 0, { hold: hold('lowBattery', 'Battery below 20 %', now) }),
  starting: waiting(20, 0, { isActive: true, currentProgress: drain(now, 0) }),
  sending: waiting(8, 0, { isActive: true, currentProgress: drain(now, 11, 1) }),
  needed: waiting(0, 2),
  ended: { ...nothing, currentProgress: { ...drain(now, 19, 1), endedAt: now - 5 * MINUTE } },
});

const reading = (n: number, state: ItemState, now: number, more: Partial<Item> = {}): Item => {
  const data = { property: 'P-1', unit: `U${n}`, meter: 'water', period: PERIOD, value: 1204.5 + n };
  const id = `01930000-0000-7000-8000-${String(n).padStart(12, '0')}`;
  return {
    id,
    type: 'READING',
    action: 'CREATE',
    entityId: id,
    priority: 'NORMAL',
    urgency: 'NORMAL',
    score: 0,
    createdAt: now - n * MINUTE,
    data: { ...data, readAt: now - n * MINUTE },
    state,
    retryCount: 0,
    serverItem: null,
    ...more,
  };
};

/** One item in each state that it can be in. */
export const items = (now = Date.now()): Item[] => [
  reading(1, 'pending', now),
  reading(2, 'blocked', now),
  reading(3, 'inFlight', now),
  reading(4, 'retryAt', now, {
    due: now + MINUTE,
    retryCount: 2,
    lastAttempt: now - MINUTE,
    error: { kind: 'server', message: 'Server error' },
  }),
  reading(5, 'conflict', now, {
    error: {
      code: 'duplicate_reading',
      kind: 'conflict',
      message: 'There is a reading for this meter and month.',
    },
    serverItem: { data: { property: 'P-1', unit: 'U5', meter: 'water', period: PERIOD, value: 1180 } },
  }),
  reading(6, 'setAside', now, {
    error: {
      kind: 'validation',
      message: 'Not accepted',
      fields: [{ field: 'value', message: 'Enter a value of 0 or more.' }],
    },
  }),
  reading(7, 'done', now, { receipt: { at: now - 5 * MINUTE, status: 'applied', version: 1 } }),
];

export const settings: Settings = {
  enabled: true,
  syncOnlyWhenCharging: false,
  minimumBatteryLevel: 20,
  maximumConcurrentOperations: 3,
  syncIntervalMinutes: 5,
  maxRetryAttempts: 5,
  priorityThreshold: 'LOW',
  offPeakFrom: 0,
  offPeakTo: 0,
  conflictPolicy: 'ask',
  metrics: true,
  metricsDays: 90,
  receiptDays: 90,
};
