import { pause } from '../service/pause.js';
import { StoreError } from '../store/errors.js';
import type { Terminal } from './output/terminal.js';

const RETRY_MS = 2000;

/**
 * For commands that keep reading (`--watch`, `--follow`): a failure that may pass is told once and tried again until it
 * has passed; null when the signal ended it first. The very first read of a command does not come here to hang.
 */
export async function retryUntilAborted<T>(
  read: () => Promise<T>,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<T | null> {
  let told = false;
  while (!signal.aborted) {
    try {
      const result = await read();
      if (told) terminal.note('noetl-console: the database answers again');
      return result;
    } catch (error) {
      if (signal.aborted) return null;
      if (!(error instanceof StoreError && error.retryable)) throw error;
      if (!told) terminal.note(`noetl-console: ${error.message}; trying again`);
      told = true;
      await pause(RETRY_MS, signal);
    }
  }
  return null;
}
