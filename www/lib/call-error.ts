import type { CallError } from './generated';
import { errorWords } from './said-by-engine';

/** Any thrown thing as a `CallError`, so that there is always a sentence to show. */
export function asCallError(error: unknown): CallError {
  if (typeof error === 'object' && error !== null && 'code' in error && 'message' in error) {
    const known = error as CallError;
    return { ...known, message: errorWords(known) };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'internal', retryable: true, message };
}
