/** A run of chaos, whichever app it is that goes through it: its plan, who writes meanwhile, the calm after it, and the verdict. */
import { setTimeout as pause } from 'node:timers/promises';
import type { App } from './app.ts';
import { Faults } from './faults.ts';
import { judge, type Verdict } from './oracle.ts';
import { type Kinds, planOf } from './plan.ts';
import { Writer } from './writer.ts';

/** How often the device is looked at while it sends what is left, in milliseconds. */
const LOOK = 500;
/** How often the judge is asked meanwhile, where a run ends by what it says. */
const WATCH = 10_000;

export interface Course {
  seed: number;
  minutes: number;
  /** Milliseconds between two entries, at most. */
  pause: number;
  /** What may go wrong; everything, where nothing is said. */
  kinds?: Partial<Kinds>;
  /** Ends it before its time, once this holds of what the judge says meanwhile; asked now and then. */
  until?: (verdict: Verdict) => boolean;
}

/** Plays it, and answers what the judge says. */
export async function chaos<Tab>(
  app: App<Tab>,
  { seed, minutes, pause: between, kinds, until }: Course,
): Promise<Verdict> {
  const faults = new Faults(app);
  faults.tabs = [await app.install()];
  const writer = new Writer(seed, app, () => faults.tabs, between);
  const began = Date.now();

  const writing = writer.run();
  const over = setTimeout(() => faults.stop(), minutes * 60_000);
  const asked = until && setInterval(() => until(judge(writer.entered, app.kept())) && faults.stop(), WATCH);
  try {
    await faults.run(planOf(seed, minutes * 60_000, kinds));
  } finally {
    clearTimeout(over);
    clearInterval(asked);
    writer.stop();
  }
  await writing;
  const lasted = (Date.now() - began) / 1_000;

  const tab = await faults.mend();
  const left = await rest(app, tab);
  const verdict = judge(writer.entered, app.kept(), left.ids);
  tell(verdict, writer, faults, `seed ${seed}, ${Math.round(lasted)} s`);
  if (verdict.stuck.length > 0) process.stdout.write(`# left: ${JSON.stringify(left.told)}\n`);
  return verdict;
}

/** Waits until nothing is left on the device or the calm is over, and answers what is left then. */
async function rest<Tab>(app: App<Tab>, tab: Tab) {
  const end = Date.now() + app.calm;
  for (;;) {
    const left = await app.left(tab);
    if ((left.ids.length === 0 && !left.busy) || Date.now() > end) return left;
    if (left.ids.length > 0) await app.send(tab);
    await pause(LOOK);
  }
}

const listed = (all: Map<string, number>) => [...all].map(([what, count]) => `${what} ${count}`).join(', ');

function tell<Tab>(verdict: Verdict, writer: Writer<Tab>, faults: Faults<Tab>, which: string): void {
  const { saved, arrived, unsaid, lost, altered, twice, disordered, stuck } = verdict;
  process.stdout.write(
    `# chaos, ${which}: ${writer.entered.length} entered, ${saved} called saved, ${arrived} arrived ` +
      `(${unsaid} of them not called saved); lost ${lost.length}, records not as they were left ${altered.length}, ` +
      `twice ${twice.length}, out of order ${disordered.length}, stuck ${stuck.length}\n` +
      `# faults: ${listed(faults.done)}; refused: ${listed(writer.refused) || 'none'}\n`,
  );
}
