import { msg, str } from '@lit/localize';
import { number, plural } from './format';
import type { HealthReport, HealthWarning } from './generated';

/** What is wrong, and what to do. */
type Words = [message: string, advice: string];

/** A warning in the person's language. */
export function warned({ message, recommendation, metadata, deviceId }: HealthWarning): Words {
  if (!metadata) return [message, recommendation];
  const { code, number: n = 0 } = metadata;
  const days = plural(n, msg('# day|# days'));
  const minutes = plural(n, msg('# minute|# minutes'));
  const taken = number(n);
  const keepStorage = msg('Install the app and let it keep its storage.');
  const words: Record<typeof code, Words> = {
    missingRotations: deviceId
      ? [msg('This device lacks keys.'), msg('Open fieldsync on it and take the keys in.')]
      : [
          msg('This device lacks keys that another device made.'),
          msg('Take them in on the page “Passphrase”.'),
        ],
    otherPassphrase: [
      msg('The passphrase was changed on another device.'),
      msg('Type the new one on the page “Passphrase”.'),
    ],
    unsharedRotations: [
      msg('This device made keys that the others do not have.'),
      msg('Open fieldsync on it while it is online.'),
    ],
    staleDevice: [
      msg(str`This device was not heard of for ${days}.`),
      msg('Open fieldsync on it, or revoke it if it is lost.'),
    ],
    oldKey: [msg(str`The keys are ${days} old.`), msg('Make new keys on the page “Passphrase”.')],
    revokedSince: [
      msg('This device was revoked, and knows the keys that are in use.'),
      msg('Make new keys on the page “Passphrase”.'),
    ],
    downgrade: [
      msg('An older keystore was offered, and refused.'),
      msg('Save the keys as a file here and take them in on the other device.'),
    ],
    unsynced: [
      msg(str`Work has waited for ${days} to be sent.`),
      deviceId ? msg('Bring it online and open fieldsync.') : msg('Go online and press “Sync now”.'),
    ],
    notPersistent: [msg('The browser may remove what is stored here.'), keepStorage],
    storageFull: [
      msg(str`This device is nearly out of room: ${taken} % is taken.`),
      msg('Free some room on the device.'),
    ],
    clockSkew: [
      msg(str`The clock of this device is wrong by ${minutes}.`),
      msg('Let the device set its clock by itself.'),
    ],
    evicted: [msg('The browser removed what was stored on this device.'), keepStorage],
  };
  return words[code];
}

/** The one thing to do, in the person's language; and where that is done. */
export function advised({ recommendation, alignment }: HealthReport): { words: string; to?: string } {
  switch (recommendation.action) {
    case 'import-keystore':
      return {
        words: alignment.missingRotations
          ? msg('Another device made new keys. Take them in.')
          : msg('The passphrase was changed on another device. Type the new one.'),
        to: '/vault',
      };
    case 'rotate-password':
      return {
        words: msg('Make new keys: the ones in use are old, or a revoked device knows them.'),
        to: '/vault',
      };
    default:
      return { words: msg('Nothing is to be done.') };
  }
}
