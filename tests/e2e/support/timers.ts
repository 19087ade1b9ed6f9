/** Counts timers where something runs: those that are set and have not gone off, and how often any has. */
import type { Page, Worker } from 'playwright-core';

export interface Timers {
  /** Set, and neither gone off nor taken back. */
  open: number;
  /** How often one went off. */
  fired: number;
}

/** As text: it is put into the page or worker as it stands here. */
const COUNT = `
const timers = { open: new Set(), fired: 0 };
const { setTimeout, clearTimeout, setInterval, clearInterval } = self;
Object.assign(self, {
  countedTimers: () => ({ open: timers.open.size, fired: timers.fired }),
  setTimeout: (work, ms, ...given) => {
    const timer = setTimeout(() => {
      timers.open.delete(timer);
      timers.fired += 1;
      work(...given);
    }, ms);
    timers.open.add(timer);
    return timer;
  },
  setInterval: (work, ms, ...given) => {
    const timer = setInterval(() => {
      timers.fired += 1;
      work(...given);
    }, ms);
    timers.open.add(timer);
    return timer;
  },
  clearTimeout: timer => {
    timers.open.delete(timer);
    clearTimeout(timer);
  },
  clearInterval: timer => {
    timers.open.delete(timer);
    clearInterval(timer);
  },
});
`;

const ask = (where: Page | Worker) => () => (where as Worker).evaluate<Timers>('countedTimers()');

/** Counts from now on; answers how it stands whenever it is asked. */
export async function countTimers(worker: Worker): Promise<() => Promise<Timers>> {
  await worker.evaluate(`{${COUNT}}`);
  return ask(worker);
}

/** The same in a page from the beginning, by a clock of which the test says how far it goes; the page is loaded anew. */
export async function countByClock(page: Page): Promise<() => Promise<Timers>> {
  await page.clock.install();
  await page.addInitScript(`{${COUNT}}`);
  await page.reload();
  return ask(page);
}
