/** Every page in every state that is pictured (tests/shots), in light, dark and full sun: axe finds nothing. */
import { pages, quiet } from '../shots/pages.ts';
import { seed } from '../shots/seed.ts';
import { go } from './support/app.ts';
import { accessible } from './support/axe.ts';
import { kept } from './support/device.ts';
import { type Options, scenario, type World } from './support/scenario.ts';

/** What comes after the first load, and must be kept before the network goes. */
const LATER = [
  'assess',
  'conflicts',
  'history',
  'metrics',
  'priority',
  'receipts',
  'rules',
  'save-file',
  'schedules',
  'settings',
];

const LONG: Options = { seconds: 600 };

async function look({ device }: World, state: 'empty' | 'seeded'): Promise<void> {
  const page = await device.install();
  for (const name of LATER) await kept(page, name);
  if (state === 'seeded') await seed(device, page);
  for (const shot of pages.filter(shot => shot.state === state)) {
    try {
      await go(page, shot.path);
      await shot.ready(page);
      await quiet(page);
      await accessible(page);
      await shot.after?.(page);
    } catch (error) {
      throw new Error(`${shot.name}: ${error instanceof Error ? error.message : error}`);
    }
  }
}

scenario('axe finds nothing on any page while there is nothing yet', world => look(world, 'empty'), LONG);

scenario(
  'axe finds nothing on any page with a day’s work in every state, offline',
  world => look(world, 'seeded'),
  LONG,
);
