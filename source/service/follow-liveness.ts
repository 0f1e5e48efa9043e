import type { EpochMs } from '../domain/execution.js';
import { DEFAULT_THRESHOLDS, heartbeatsOf } from '../domain/stale-facts.js';
import type { DrainingCommand, StopState } from '../domain/stopping.js';
import { livenessOf } from '../domain/worker-liveness.js';
import { StoreError } from '../store/errors.js';
import type { EventStore } from '../store/event-store.js';

/** The states with what noetl.runtime knows of the workers that hold their commands. */
export async function withLiveness(
  store: Pick<EventStore, 'workers'>,
  states: readonly StopState[],
  now: EpochMs,
  signal?: AbortSignal,
): Promise<StopState[]> {
  if (!states.some((state) => state.holding?.length)) return [...states];
  const workers = await store.workers({ polling: true, ...(signal ? { signal } : {}) }).catch((error: unknown) => {
    // Liveness is a comment on the log, not the log: a user who may not read noetl.runtime still gets the states.
    if (error instanceof StoreError && !error.retryable) return null;
    throw error;
  });
  const heartbeats = heartbeatsOf(workers);
  const known = (command: DrainingCommand): DrainingCommand => {
    const { kind } = livenessOf(command.workerId, heartbeats, now, DEFAULT_THRESHOLDS.workerSilentMs);
    return { ...command, workerAlive: kind === 'unknown' ? null : kind === 'alive' };
  };
  return states.map((state) => (state.holding?.length ? { ...state, holding: state.holding.map(known) } : state));
}
