/** A thousand items of every kind, as a day in the field leaves them. */
import { allSent } from './support/device.ts';
import { addUp, arrivedOnce, enterField, followProgress } from './support/field.ts';
import { scenario } from './support/scenario.ts';

scenario(
  '1,000 mixed items drain, each once, with counts that add up',
  async ({ server, device }) => {
    const page = await device.install();
    await device.online(page, false);
    await enterField(page, 1_000);
    const progress = await followProgress(page);
    await device.online(page, true);
    await allSent(page, 180);
    await addUp(progress, 1_000);
    await arrivedOnce(server, page, 1_000);
  },
  { seconds: 300 },
);
