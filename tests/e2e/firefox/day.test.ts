/** Whole days and photos, in Firefox. */
import { inFirefox } from '../support/scenario.ts';
import { part } from './scenarios.ts';

await inFirefox(...part('day'));
