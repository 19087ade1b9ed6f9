/** The app's short messages: they go by themselves after a while, and one makes room for the next. */
import type { Page } from 'playwright-core';
import { until } from './until.ts';

interface Message {
  /** By which the app tells one from another. */
  id: string | undefined;
  words: string;
  /** It was waited for, or was there before. */
  met: boolean;
}

/**
 * From now on the page keeps every message that it shows, until it is loaded anew. Answers how to wait until one with these
 * words, or with others, was shown; each is met once. Answers what it says.
 */
export async function followMessages(page: Page): Promise<(...words: string[]) => Promise<string>> {
  await page.evaluate(() => {
    const place = document.querySelector('fs-app')?.shadowRoot?.querySelector('fs-toasts')?.shadowRoot;
    if (!place) throw new Error('there is no place for messages');
    const messages: Message[] = [];
    const all = {
      look(met: boolean) {
        for (const toast of place.querySelectorAll<HTMLElement>('.toast')) {
          const { id } = toast.dataset;
          if (messages.some(message => message.id === id)) continue;
          messages.push({ id, words: toast.querySelector('p')?.textContent ?? '', met });
        }
      },
    };
    Object.assign(globalThis, { messages });
    all.look(true); // what stands there already is of something else
    new MutationObserver(() => all.look(false)).observe(place, { childList: true, subtree: true });
  });
  return async (...words) => {
    const { found } = await until(
      `a message says ${words.join(' or ')}`,
      () =>
        page.evaluate(words => {
          const { messages } = globalThis as unknown as { messages: Message[] };
          const found = messages.find(
            message => !message.met && words.some(some => message.words.includes(some)),
          );
          if (found) found.met = true;
          return { found: found?.words, messages };
        }, words),
      ({ found }) => found !== undefined,
    );
    return found ?? '';
  };
}
