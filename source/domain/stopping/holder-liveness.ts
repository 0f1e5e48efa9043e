import type { EpochMs } from '../execution.js';
import type { RuntimeRow } from '../staleness/stale-facts.js';
import { isLiveWorker } from '../worker-liveness.js';
import type { WorkerAlive } from './stopping.js';

/**
 * Whether the worker that holds a command is alive, by the rows of noetl.runtime: gone is what is `offline`, has not
 * beaten for `workerSilentMs`, or has no row while other workers have. Without any worker's row, without a name, or
 * without a heartbeat it is not known. Source: event-store.md, "Tables" (noetl.runtime).
 */
export function holderLiveness(rows: readonly RuntimeRow[] | null, now: EpochMs, workerSilentMs: number): WorkerAlive {
  const pools = (rows ?? []).filter((row) => row.kind === null || row.kind === 'worker_pool');
  const byName = new Map<string, RuntimeRow[]>();
  for (const row of pools) byName.set(row.name, [...(byName.get(row.name) ?? []), row]);
  return (workerId, begunAt) => {
    if (pools.length === 0 || workerId === null) return null;
    const own = byName.get(workerId) ?? [];
    if (own.some((row) => isLiveWorker(row, now, workerSilentMs))) return true;
    if (begunAt !== null && now - begunAt < workerSilentMs) return null;
    return own.some((row) => row.heartbeatAt === null && row.status?.toLowerCase() !== 'offline') ? null : false;
  };
}
