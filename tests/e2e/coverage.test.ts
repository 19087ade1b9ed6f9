/** Offline, then back into coverage: every reading is on the server, once, by the browser's own sync event. */
import assert from 'node:assert/strict';
import { enterMany } from './support/app.ts';
import { drained, items, status, syncAsked } from './support/device.ts';
import { type Options, scenario, type World } from './support/scenario.ts';
import { until } from './support/until.ts';

const COUNT = 25;
const LONG: Options = { seconds: 400 };
/** So long a sync event lives, and waits out what keeps it from sending; in seconds. */
const EVENT = 180;

/** Every unit is on the server with one reading and one receipt, and nothing else is. */
function exactlyOnce({ server }: World, units: string[]): void {
  const kept = server.readings().map(reading => reading.data?.unit);
  assert.deepEqual(kept.sort(), units);
  assert.equal(server.receipts().length, units.length);
}

const arrived = ({ server }: World, seconds = EVENT) =>
  until(
    'the readings arrive',
    () => server.readings().length,
    count => count === COUNT,
    seconds,
  );

/** With no page of the app open the link comes up: only the browser's own sync event can send. A page opened later agrees. */
async function arriveWithoutAPage(world: World, units: string[]): Promise<void> {
  assert.equal(world.server.readings().length, 0);
  await world.device.connect(true);
  await arrived(world);
  exactlyOnce(world, units);
  const page = await world.device.open();
  await drained(page);
  assert.equal((await items(page, 'done')).length, COUNT, 'the device has every receipt');
}

scenario(
  '25 readings entered offline arrive once when the link comes up',
  async world => {
    const { device } = world;
    const page = await device.install();
    await device.online(page, false);
    const units = await enterMany(page, COUNT);
    assert.equal((await status(page)).queueSize, COUNT);
    assert.equal(world.server.readings().length, 0);
    const syncEvents = await device.countSyncEvents();
    await device.connect(true);
    await arrived(world);
    await drained(page);
    exactlyOnce(world, units);
    // The page wakes the worker too, so the event may come second; with every page closed (below) nothing else comes.
    await until("the browser's own sync event comes", syncEvents, count => count >= 1, 60);
    assert.equal((await items(page, 'done')).length, COUNT, 'the device has every receipt');
  },
  LONG,
);

scenario(
  '25 readings arrive once with every page closed before the link comes up',
  async world => {
    const { device } = world;
    const page = await device.install();
    await device.online(page, false);
    const units = await enterMany(page, COUNT);
    await syncAsked(page);
    await device.closePages();
    await arriveWithoutAPage(world, units);
  },
  LONG,
);

scenario(
  '25 readings arrive once when the browser is killed offline and started again',
  async world => {
    const { device } = world;
    const page = await device.install();
    await device.online(page, false);
    const units = await enterMany(page, COUNT);
    await syncAsked(page);
    await device.kill();
    await device.boot();
    await arriveWithoutAPage(world, units);
  },
  LONG,
);
