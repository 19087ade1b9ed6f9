import { msg } from '@lit/localize';
import { direction, language } from './language';
import { type Kind, keepNotices, notices, type Said, type Words } from './notices';

/** What the worker says, in the language of the page; `plural` tells how the titles' forms are told apart. */
const words = (): Record<Said, Words> => ({
  choose: {
    title: msg('# entry needs your choice|# entries need your choice'),
    body: msg('The server has something else. Choose which one stays.'),
  },
  refused: {
    title: msg('# entry was not accepted|# entries were not accepted'),
    body: msg('It is set aside on this device. Look what can be corrected.'),
  },
  signIn: {
    title: msg('Sign in to send your entries'),
    body: msg('They are safe on this device.'),
  },
  sent: {
    title: msg('Everything is on the server'),
    body: msg('All that you saved has been sent.'),
  },
});

/** Keeps for the worker what is to be told, with its words. */
export const agreeOn = (kinds: Kind[]): Promise<void> =>
  keepNotices({ kinds, language: language(), direction: direction(), words: words() });

/** Words of another language or version are replaced. Where nothing was agreed on, nothing is kept. */
export async function renewWords(): Promise<void> {
  const agreed = await notices();
  if (agreed) await agreeOn(agreed.kinds);
}
