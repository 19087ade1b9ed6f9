import { msg } from '@lit/localize';
import type { CallCode, Code, Why } from './generated';
import { type EngineWords, sayIn } from './said-by-engine';

/** The engine's sentences and the server's, which they say in English, to be said in another language. */
const words = (): EngineWords => ({
  holds: {
    offline: msg('Waiting for a connection'),
    unsteady: msg('Waiting for a steady connection'),
    serverTrouble: msg('The server has a problem. Trying again soon'),
    serverAsked: msg('The server is busy and asked to wait'),
    notAllowed: msg('The server does not accept this device. Sign in again'),
    signedOut: msg('Sign in, so that your entries can be sent'),
    notDue: msg('Waiting for the next try'),
    slice: msg('Sending goes on in a moment'),
    elsewhere: msg('Being sent by another window'),
    storage: msg('This device’s storage did not answer. Trying again soon'),
    paused: msg('Sync is paused'),
    disabled: msg('Background sync is switched off. Sync now sends it'),
    notCharging: msg('Waiting for the charger'),
    lowBattery: msg('Waiting for more battery'),
    poorLink: msg('Photos and less urgent entries wait for a better connection. Sync now sends them'),
    offPeak: msg('Photos and less urgent entries wait for the off-peak hours. Sync now sends them'),
    belowThreshold: msg('Less urgent entries wait. Sync now sends them'),
  } satisfies Record<Why, string>,
  errors: {
    bad_request: msg('The server did not understand this entry.'),
    invalid: msg('A value is not acceptable. Look at it again.'),
    unsupported: msg('This version of the app cannot do that.'),
    duplicate_reading: msg('This meter has another reading for this month already.'),
    id_reused: msg('Something else was sent under the same id. Enter it once more.'),
    version_conflict: msg('The record was changed on the server meanwhile.'),
    unknown_entity: msg('The server does not know the record that this changes.'),
    dependency_missing: msg('The entry that this one builds on is not on the server.'),
    cursor_expired: msg('This device was away for long. It asks the server for everything anew.'),
    unauthorized: msg('Sign in again, so that your entries can be sent.'),
    forbidden: msg('This account may not do that.'),
    bad_credentials: msg('The e-mail or the password is not right.'),
    email_taken: msg('There is an account with this e-mail already.'),
    too_large: msg('This entry is too large for the server.'),
    repeated_id: msg('The same entry was sent twice at once.'),
    not_found: msg('It is not there any more.'),
    method_not_allowed: msg('The server cannot do that.'),
    unsupported_media_type: msg('The server cannot read this.'),
    too_many_requests: msg('The server is busy. It goes on by itself.'),
    unavailable: msg('The server cannot be reached just now. It goes on by itself.'),
    internal: msg('A defect has stopped it. What you saved is safe on this device.'),
    unchanged: msg('Nothing has changed.'),
    other_account: msg('Entries of somebody else are still to be sent from this device.'),
    has_dependents: msg('Other entries build on this one.'),
    in_flight: msg('It is being sent at this moment.'),
    storage_full: msg('This device has no room left. Free some, and save again.'),
    storage: msg('This device’s storage failed. Try again.'),
    timeout: msg('No answer came in time.'),
  } satisfies Record<Code | CallCode, string>,
  advice: {
    backgroundOff: msg('Background sync is switched off: entries are sent only when you ask for it.'),
    noAnswer: msg(
      'Most syncs got no answer from the server. Check whether this network lets the app through.',
    ),
    poorLink: msg('Most syncs ended on a poor connection. Sync on Wi-Fi where you can.'),
    refusals: msg('Many answers were a refusal or a conflict. Look at the entries that are set aside.'),
    battery: msg('Syncs take much of the battery. Raise the level below which they wait.'),
    longGaps: msg('More than a day passes between most syncs. Open the app now and then, or install it.'),
  },
});

/** From now on they are said in the language that is spoken now. */
export const translateEngine = (): void => sayIn(words());
