import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves after so many milliseconds (at once when none are left), or as soon as the signal aborts. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => {});
}
