import { startTheme } from './lib/theme';
import './elements/fs-app';
import { followForms } from './lib/forms';
import { registerWorker } from './lib/worker';

startTheme();
followForms();

addEventListener(
  'load',
  () => {
    registerWorker(apply => document.querySelector('fs-app')?.offerUpdate(apply)).catch(() => {
      // Without a worker the page itself sends; it only cannot be opened while offline.
    });
  },
  { once: true },
);
