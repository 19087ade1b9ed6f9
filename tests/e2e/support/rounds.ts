/**
 * What is left to `cargo xtask test --all`, by file. The test command has to be quick enough to be run before every change lands:
 * of scenarios that go much the same way it plays one, and none that takes minutes. What is never left out: that nothing is lost
 * or sent twice, the vault's promises, and the scenarios of sync health by their names. What is not listed is always played.
 */
import { after } from 'node:test';

const EVERY = 'every scenario of it';

const THOROUGH: Record<string, readonly string[] | typeof EVERY> = {
  accessible: EVERY,
  assess: [
    'what the server does not accept is said at its field, and corrected in its place',
    'a position is found with its accuracy, or typed where it may not be used',
  ],
  carry: ['a file of the first format is taken in, and what was entered into a vault goes into another'],
  conflict: [
    'a reading that the server has is shown before another is saved, and changed',
    'a second reading on the same device is shown before it is saved, with both values',
  ],
  conflicts: ['every receipt can be found and looked into, offline too'],
  // In Firefox it is played each time.
  day: [
    'a day of assessing sites: with responses, a change, a photo, cut off, updated, and each once on the server',
  ],
  demo: [
    'the tour goes offline and back, with the keyboard too, and can be left',
    'the tour speaks Arabic',
    'where people sign in there are no samples and no tour',
  ],
  'device-unlock': ['a device without a reader is not offered it'],
  drafts: [
    'what an older version has kept is taken over, once',
    'a browser that ends right after a reading was saved leaves no draft of it',
    'an assessment, and a change of it, are not there as drafts when the browser ends after they were saved',
  ],
  drainers: EVERY,
  figures: [
    'figures of a sync are drawn, erased and switched off',
    'the history tells of checks, and of those in a row that came to the same at once',
  ],
  'first-load': [
    'a first load without the frame of the app goes on when the network is back',
    'a first load without the start page goes on when the network is back',
  ],
  forms: [
    'a form that the organisation changes is there when one is next begun, offline too',
    'hostile text is text',
    'who is signed in gets the organisation’s forms, and sees no drafts of anybody else',
    'all of it can be done with the keyboard',
    'while the server fails its forms the app does not ask at every event',
  ],
  hostile: ['what the server answers is no more trusted: another’s reading, and its refusals'],
  keyboard: [
    'on a phone and on a desktop what needs a person is found, sent again, discarded and resolved by keys alone',
    'a setting and a rule are changed and had back with the keyboard alone',
    'a site is assessed, and a response planned, with the keyboard alone',
  ],
  keystore: [
    'a file brings a new passphrase to a device without a network',
    'after new keys and a new passphrase all that was sealed before can be read',
  ],

  media: [
    'twenty photos and a file of 300 MB arrive as they are, each byte sent at most twice, while the worker is ended every two seconds, the link cut ten times and the server killed twice',
  ],
  language: [
    'Arabic is chosen in the settings, and stays with the network off',
    'a language of which not all words can be loaded is not spoken by halves',
  ],
  locked: ['a photo that is taken while it is locked goes with its reading once it is open'],
  mixed: EVERY,
  navigation: ['every place can be reached by link and key, and Back leads back'],
  notices: [
    'nobody is told of anything before they have agreed, nor while they look',
    'with the app closed a person is told what needs them, and is led there',
  ],
  offline: ['what is typed survives a reload, and mistakes are said by field'],
  photos: [
    'an assessment’s photos are shown where it was saved and in the queue, and go and come back with it',
  ],
  priority: ['what waits is counted by urgency, and what goes next is listed'],
  queue: [
    'on a desktop J and K walk the list beside the detail',
    'a hundred thousand items can be scrolled through, and few are in the document',
  ],
  reading: ['the last reading and the difference stand beside the value, offline too'],
  resealing: EVERY,
  route: EVERY,
  scale: EVERY,
  scan: ['without a camera that may be used, the codes are typed'],
  'scheduler-watch': [
    'the log says nothing until a check fails, and then so once, to an error tracker too',
    'how much is logged is the device’s to say, or the build’s, and takes effect at once',
    'sync health and the figures show how checks have gone on this page',
  ],
  settings: ['the look that was chosen stays after a reload'],
  survival: [
    'without room for one more byte the form stays, and says what to do',
    'the browser is asked to keep what is stored once something is saved, and not again',
  ],
  update: ['the app can be installed, which is offered once something is sent, and can be declined'],
  vault: [
    'the keys of a device that is to stay unlocked are on its disk, as is said where that is chosen',
    'what was entered before there was a vault is sealed when it is set up',
  ],
  'without-sync': [
    'without Background Sync they arrive once when the page is shown that was hidden as the network came back',
    'without Background Sync they arrive once with the app closed, when a page without an engine is opened',
  ],
};

/** Whether all are played: where that is asked for, or one by its name. */
export const ALL = process.env.FIELDSYNC_ALL !== undefined;

/** Of this process's file; Firefox has lists of its own (firefox/scenarios.ts). */
const [, file = ''] = /e2e\/([\w-]+)\.test\.ts$/.exec(process.argv[1] ?? '') ?? [];
const left = THOROUGH[file] ?? [];
const met = new Set<string>();

/** Whether this scenario is played in Chromium this time. */
export function isPlayed(name: string): boolean {
  met.add(name);
  return ALL || (left !== EVERY && !left.includes(name));
}

// A name that no scenario has any more would leave nothing out, and nobody would notice.
after(() => {
  const unknown = left === EVERY ? [] : left.filter(name => !met.has(name));
  if (unknown.length > 0) throw new Error(`there is no such scenario: ${unknown.join('; ')}`);
});
