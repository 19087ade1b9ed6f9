/**
 * Tells when the browser has removed what was stored here. A cookie, which it does not remove with the rest, has the name of
 * this store and how many entries wait in it: the engine says what it means that it names another.
 */
import { msg } from '@lit/localize';
import type { Fieldsync } from './client';
import { plural } from './format';
import type { SchedulerView } from './generated';
import { live } from './live';
import { askOnce } from './persist';
import { keepReserve } from './reserve';
import { toast } from './toast';

/** As long as browsers keep a cookie at most; each visit begins it anew. Seconds. */
const KEPT = 400 * 24 * 60 * 60;

let begun: (note: () => Promise<void>) => void;
const beginning = new Promise<() => Promise<void>>(resolve => {
  begun = resolve;
});

/** A person has taken note of what was lost: from now on it is watched over what is here now. They may be quicker than that begins. */
export const noted = async (): Promise<void> => (await beginning)();

/** What was lost, in words. */
export const lostWords = (waiting: number): string =>
  waiting === 0
    ? msg('Nothing waited to be sent when the app was last open. What you had begun and not saved is gone.')
    : plural(
        waiting,
        msg(
          '# entry waited when the app was last open. If it was not sent since then, it is lost.|# entries waited when the app was last open. Those that were not sent since then are lost.',
        ),
      );

/** What is known of the scheduler: the name of the cookie, how it stands, and how it is asked anew. */
interface Known {
  name: string;
  standing: () => SchedulerView | undefined;
  look: () => Promise<void>;
}

/** Keeps the mark, or tells what was lost. */
export async function watch(client: Fieldsync, { name, standing, look }: Known): Promise<void> {
  void keepReserve().catch(() => {}); // no photo is taken without
  const { deviceId } = await client.account();
  const secure = location.protocol === 'https:' ? '; secure' : '';
  const write = () => {
    // biome-ignore lint/suspicious/noDocumentCookie: not every browser has another way
    document.cookie = `${name}=${deviceId}.${live.status?.queueSize ?? 0}; path=/; max-age=${KEPT}; samesite=strict${secure}`;
  };
  begun(async () => {
    write();
    await look();
  });
  let told: number | undefined;
  const follow = () => {
    if ((live.status?.queueSize ?? 0) > 0) void askOnce().catch(() => {}); // as it was
    const lost = standing()?.lost;
    if (lost === null && live.status && told !== live.status.queueSize) {
      told = live.status.queueSize;
      write();
    }
  };
  live.watch(follow);
  follow(); // what came before this
  const lost = standing()?.lost;
  if (typeof lost !== 'number') return;
  toast({
    key: 'lost',
    kind: 'trouble',
    message: `${msg('The browser removed what was stored on this device.')} ${lostWords(lost)}`,
    action: { label: msg('I understand'), run: () => void noted() },
    stays: true,
  });
}
