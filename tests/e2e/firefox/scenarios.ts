/**
 * Which of the app's scenarios run in Firefox too. The files that are not here, and why:
 *
 * - They hang on what only Chromium has, or its driver: sync events (coverage, schedules), a worker that the driver ends or looks
 *   into (worker, notices), the number on the icon (notices), an authenticator that is played and a name for the server's address
 *   (device-unlock), storage that the driver clears or limits, and a browser that is asked to keep it without asking the person
 *   (survival).
 * - They save a file, which Playwright passes over in Firefox: carry.
 * - They do not run in the browser of this process: sealing runs in node alone; elements, but for its first scenario, starts a
 *   Chromium by itself.
 * - They are long runs of the engine rather than of the app: drainers, mixed, scale.
 * - They count what the engine and its server do, which is the same everywhere, with help of the driver's clock: counts.
 *
 * Always those in which browsers differ: what is kept and outlives a kill, workers and their new versions, tabs, links, sign-in,
 * camera, place, photos, the policy for contents. Words, figures, lists and forms' questions are the same code on the same
 * page in both browsers: those are left to `cargo xtask test --all`, as is what goes the same way as another that is played.
 */
import { ALL } from '../support/rounds.ts';

interface Part {
  always: string[];
  also: string[];
}

/** By file, in parts that take about as long as one another; two run side by side. */
export const PARTS = {
  day: { always: ['day', 'without-sync'], also: ['demo', 'photos', 'priority', 'accessible', 'vault'] },
  drafts: {
    always: ['drafts', 'account'],
    also: ['conflict', 'reading', 'route', 'queue', 'keyboard', 'locked'],
  },
  first: {
    always: ['first-load', 'update', 'navigation', 'hostile'],
    also: ['settings', 'figures', 'language', 'offline', 'scheduler', 'scheduler-watch'],
  },
  sent: {
    always: ['scan', 'assess', 'forms'],
    also: ['conflicts', 'chaos', 'resealing', 'rotation', 'devices', 'keystore'],
  },
} satisfies Record<string, Part>;

/** The files of a part, and the scenarios of theirs that are left out, with the reason. */
export function part(name: keyof typeof PARTS): [files: string[], without: Record<string, string>] {
  const { always, also } = PARTS[name];
  return ALL
    ? [[...always, ...also], { ...CANNOT[name].always, ...CANNOT[name].also }]
    : [always, { ...CANNOT[name].always, ...ALIKE[name] }];
}

const QUESTIONS = 'what a form asks and says';
const LOOKS = 'what a page shows';
const SAME = 'another that is played goes the same way';

/** Of the files that run always, what is alike in both browsers. */
const ALIKE: Record<keyof typeof PARTS, Record<string, string>> = {
  day: {
    // In Chromium it is played each time.
    'a day of reading meters: scanned, typed, clashing, corrected, cut off, updated, and each once on the server':
      SAME,
    'without Background Sync 200 mixed items arrive once when the network comes back':
      'what the engine sends',
  },
  drafts: {
    'what an older version has kept is taken over, once': SAME,
    'a browser that ends right after a reading was saved leaves no draft of it': SAME,
    'an assessment, and a change of it, are not there as drafts when the browser ends after they were saved':
      SAME,
  },
  first: {
    'a first load without the frame of the app goes on when the network is back': SAME,
    'a first load without the start page goes on when the network is back': SAME,
    'the sync centre opens with the network off, and says why it waits': LOOKS,
    'hostile text in every field is text on every page, on its way and on the server': LOOKS,
  },
  sent: {
    'a site is assessed and a response planned offline; both reach the server, one after the other': SAME,
    'of a change only what differs is sent, of what is accepted and of what waits': 'what the engine sends',
    'what the server does not accept is said at its field, and corrected in its place': QUESTIONS,
    'a form that the organisation changes is there when one is next begun, offline too': QUESTIONS,
    'mistakes are said in words, at their fields and above them': QUESTIONS,
    'who is signed in gets the organisation’s forms, and sees no drafts of anybody else': QUESTIONS,
    'while the server fails its forms the app does not ask at every event': QUESTIONS,
  },
};

const FILES = 'it saves a file, which Playwright passes over in Firefox';

/** What Firefox cannot do, or its driver, and why: of the files that run always, and of the others. */
const CANNOT: Record<keyof typeof PARTS, Record<keyof Part, Record<string, string>>> = {
  day: {
    always: {},
    also: {
      'a device that is to stay unlocked sends after its browser was ended, with no page open':
        'only Chromium has sync events',
    },
  },
  drafts: {
    always: {},
    also: {
      'filters narrow the queue, and what is unsent is saved as a file':
        'it saves the file, and gives the download no id, so that Playwright passes over it',
    },
  },
  first: {
    always: {
      'the app can be installed, which is offered once something is sent, and can be declined':
        'only Chromium installs apps, and says what they lack',
      'what the server answers is no more trusted: another’s reading, and its refusals':
        'its driver reaches no service worker',
      'what is forbidden to the service worker is noticed too': 'its driver reaches no service worker',
    },
    also: {
      'a language of which not all words can be loaded is not spoken by halves':
        'it calls the missing file an error',
    },
  },
  sent: {
    always: {
      'a printed code fills in the form, with the network off too': 'no picture can be fed to its camera',
      'hostile text is text': 'what its driver types is not held to maxlength',
    },
    also: {
      'chaos catches a server that forgets its receipts, by what is there twice':
        'it is about the server and the judge',
      'new keys turn the other device red at once, taking them in makes it green, and older ones are refused':
        FILES,
      'new keys go to another device as a file; an older file, a damaged one and a forged one are refused':
        FILES,
      'a file brings a new passphrase to a device without a network': FILES,
    },
  },
};
