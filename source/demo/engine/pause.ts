import { setTimeout } from 'node:timers/promises';

/**
 * Resolves after a time in milliseconds, and rejects as soon as the signal aborts. Its timer keeps no process alive:
 * a command that is done does not wait for the demo's engine.
 */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  setTimeout(Math.max(0, ms), undefined, { signal, ref: false });

/** Does something at once and then again and again, so many milliseconds after the last time, until the signal aborts. */
export async function repeat(everyMs: number, signal: AbortSignal, work: () => Promise<void> | void): Promise<void> {
  while (!signal.aborted) {
    try {
      await work();
      await pause(everyMs, signal);
    } catch {
      // Aborted, or the database went away: the next turn tries again, and the loop ends with the signal.
      if (!signal.aborted) await pause(everyMs, signal).catch(() => {});
    }
  }
}
