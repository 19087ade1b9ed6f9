import { connect } from './client';
import { Live, share } from './source';

export { Countdown, LiveController } from './source';

/** What the app's elements show in common: of the page's own engine. */
export const live = new Live(connect);
share(live);
