import { showBrokenOff } from './lib/broken-off';
import { formatsReady } from './lib/formats';
import { followForms } from './lib/forms';
import { watchInstall } from './lib/install';
import { startLanguage } from './lib/language';
import { startTheme } from './lib/theme';
import { registerWorker } from './lib/worker';

startTheme();
void formatsReady();
followForms();
watchInstall();
// The app's words are made as its code is loaded, so the language comes first.
const app = startLanguage()
  .then(() => import('./elements/fs-app'))
  .catch(showBrokenOff);

addEventListener(
  'load',
  async () => {
    // What the worker keeps for later must not be in the way of what is wanted now.
    if (!(await app)) return;
    registerWorker(apply => document.querySelector('fs-app')?.offerUpdate(apply)).catch(error => {
      // Without a worker the page itself sends; it only cannot be opened while offline.
      void import('./lib/watching').then(({ failed }) => failed('worker', error)).catch(() => {});
    });
  },
  { once: true },
);
