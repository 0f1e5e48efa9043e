import { visibleText } from '../../text/visible-text.js';

/** A failure in one line, fit for a terminal. The store's errors say cause and remedy; anything else says at least what it is. */
export function errorText(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return visibleText(text.split('\n')[0] ?? text);
}

/** True for the error of something that was given up on purpose. */
export const isAbort = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'AbortError' || (error as { kind?: unknown }).kind === 'aborted');
