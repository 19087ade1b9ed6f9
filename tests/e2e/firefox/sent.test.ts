/** What is sent without Background Sync, by whom, and forms, in Firefox. */
import { inFirefox } from '../support/scenario.ts';
import { part } from './scenarios.ts';

await inFirefox(...part('sent'));
