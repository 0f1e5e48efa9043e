import type { EpochMs } from './execution.js';
import { type Heartbeats, heartbeatsOf, isOffline, type RuntimeRow } from './staleness/stale-facts.js';
import type { WorkerAlive } from './stopping/stopping.js';

/** Whether the holder of a command can still be working on it. */
export type Liveness =
  | { readonly kind: 'alive'; readonly heartbeatAt: EpochMs }
  /** heartbeatAt is null where noetl.runtime has no row of that name, or one that is offline and never beat. */
  | { readonly kind: 'lost'; readonly heartbeatAt: EpochMs | null }
  /** No worker is registered at all, the claim names none, or its row has no heartbeat: it must count as live. */
  | { readonly kind: 'unknown' };

/**
 * A worker is alive while its heartbeat is younger than `workerSilentMs` and its status is not `offline`; one that is not registered while others are
 * is gone. Source: event-store.md, "Tables" (noetl.runtime).
 */
export function livenessOf(
  workerId: string | null,
  heartbeats: Heartbeats | null,
  now: EpochMs,
  workerSilentMs: number,
): Liveness {
  if (heartbeats === null || workerId === null) return { kind: 'unknown' };
  const heartbeatAt = heartbeats.get(workerId);
  if (heartbeatAt === undefined) return { kind: 'lost', heartbeatAt: null };
  if (heartbeats.offline?.has(workerId)) return { kind: 'lost', heartbeatAt };
  if (heartbeatAt === null) return { kind: 'unknown' };
  return now - heartbeatAt < workerSilentMs ? { kind: 'alive', heartbeatAt } : { kind: 'lost', heartbeatAt };
}

/** True for a worker pool that can take work: its status is not `offline` and its heartbeat is younger than the limit. */
export const isLiveWorker = (row: RuntimeRow, now: EpochMs, workerSilentMs: number): boolean =>
  (row.kind === null || row.kind === 'worker_pool') &&
  !isOffline(row.status) &&
  row.heartbeatAt !== null &&
  now - row.heartbeatAt < workerSilentMs;

/**
 * Whether the worker that holds a command after a cancel is alive: livenessOf(), except that a worker which began
 * something within `workerSilentMs` and counts as lost is not known to be gone: its row may be written after its claim.
 */
export function holderLiveness(rows: readonly RuntimeRow[] | null, now: EpochMs, workerSilentMs: number): WorkerAlive {
  const heartbeats = heartbeatsOf(rows);
  return (workerId, begunAt) => {
    const { kind } = livenessOf(workerId, heartbeats, now, workerSilentMs);
    if (kind === 'alive') return true;
    const hasJustBegun = begunAt !== null && now - begunAt < workerSilentMs;
    return kind === 'unknown' || hasJustBegun ? null : false;
  };
}
