import type { EpochMs } from '../../domain/execution.js';
import { DEFAULT_THRESHOLDS } from '../../domain/staleness/stale-facts.js';
import { holderLiveness } from '../../domain/stopping/holder-liveness.js';
import type { WorkerAlive } from '../../domain/stopping/stopping.js';
import { StoreError } from '../../store/errors.js';
import type { EventStore } from '../../store/event-store.js';

/** Which holders of commands are alive now, according to noetl.runtime; unknown to a user who may not read it. */
export async function readHolders(
  store: Pick<EventStore, 'workers'>,
  now: EpochMs,
  signal?: AbortSignal,
): Promise<WorkerAlive> {
  const workers = await store.workers({ polling: true, signal }).catch((error: unknown) => {
    if (error instanceof StoreError && !error.retryable) return null;
    throw error;
  });
  return holderLiveness(workers, now, DEFAULT_THRESHOLDS.workerSilentMs);
}
