import type { TerminalSize } from '../terminal/terminal-context.js';
import type { ConsoleContext } from './console-context.js';

/** Header, title, notice, footer. */
const FIXED_LINES = 4;
/** Row of the terminal at which the body of a framed screen begins: under header and title. */
export const BODY_TOP = 2;

/** Rows that a framed screen has for itself. */
export const bodyRows = (size: TerminalSize, hasBatchLine: boolean): number =>
  Math.max(1, size.rows - FIXED_LINES - (hasBatchLine ? 1 : 0));

/**
 * Calls back with the body's rows now, and after whatever may change them: a model has its window before anything is
 * drawn in it. Answers the way to stop.
 */
export function followBodyRows(
  { size, batches }: Pick<ConsoleContext, 'size' | 'batches'>,
  showsBatchLine: boolean,
  changed: (rows: number) => void,
): () => void {
  const say = () => changed(bodyRows(size.getState(), showsBatchLine && batches.store.getState().line !== ''));
  const stops = [size.subscribe(say), batches.store.subscribe(say)];
  say();
  return () => {
    for (const stop of stops) stop();
  };
}
