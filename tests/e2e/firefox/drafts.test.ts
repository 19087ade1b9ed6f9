/** Drafts, and two values for one meter, in Firefox. */
import { inFirefox } from '../support/scenario.ts';
import { part } from './scenarios.ts';

await inFirefox(...part('drafts'));
