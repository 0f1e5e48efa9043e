import type { EpochMs } from '../../domain/execution.js';
import { DEFAULT_THRESHOLDS } from '../../domain/staleness/stale-facts.js';
import { holderLiveness } from '../../domain/stopping/holder-liveness.js';
import type { WorkerAlive } from '../../domain/stopping/stopping.js';
import { StoreError } from '../../store/errors.js';
import type { EventStore } from '../../store/event-store.js';

/**
 * Which holders of commands are alive at a moment, as noetl.runtime says; not known to a user who may not read it.
 */
export async function readHolders(
  store: Pick<EventStore, 'workers'>,
  signal?: AbortSignal,
): Promise<(now: EpochMs) => WorkerAlive> {
  const workers = await store.workers({ polling: true, signal }).catch((error: unknown) => {
    if (error instanceof StoreError && !error.retryable) return null;
    throw error;
  });
  return (now) => holderLiveness(workers, now, DEFAULT_THRESHOLDS.workerSilentMs);
}
