/** First loads, new versions, links, and what is forbidden, in Firefox. */
import { inFirefox } from '../support/scenario.ts';
import { part } from './scenarios.ts';

await inFirefox(...part('first'));
