import type { Advice, Hold } from './generated';

/** What the engine and the server say, in another language than theirs; by the stable name of what they say. */
export interface EngineWords {
  holds: Partial<Record<string, string>>;
  errors: Partial<Record<string, string>>;
  advice: Partial<Record<string, string>>;
}

let words: EngineWords | undefined;

/** From now on it is said in these words. */
export function sayIn(other: EngineWords): void {
  words = other;
}

/** Why nothing is being sent. */
export const holdWords = ({ why, words: own }: Hold): string => words?.holds[why] ?? own;

/** What went wrong; where there are no words of the language for it, as the engine or the server says it. */
export const errorWords = ({ code, message }: { code?: string; message: string }): string =>
  (code && words?.errors[code]) || message;

/** What past syncs suggest. */
export const adviceWords = ({ topic, message }: Advice): string => words?.advice[topic] ?? message;
