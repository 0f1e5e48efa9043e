import type { EpochMs } from '../execution.js';
import { isLiveWorker } from '../worker-liveness.js';
import { isOffline, type RuntimeRow, type StaleThresholds } from './stale-facts.js';

/** What noetl.runtime says, at one moment, of who can still take a command. */
export interface Fleet {
  /** Names of the workers that can take work. */
  readonly liveWorkers: ReadonlySet<string>;
  /**
   * Since when at least one worker has been beating without a break; null where no worker is alive, or where no row
   * says when it registered.
   */
  readonly workersSince: EpochMs | null;
  /** The newest beat of a lease that hands lost commands on; null where no such lease is live. */
  readonly reaperAt: EpochMs | null;
}

const REAPER = /(^|:)command_reaper$/;

const isReaper = (row: RuntimeRow): boolean =>
  REAPER.test(row.name) && (row.kind === null || row.kind === 'server_api') && !isOffline(row.status);

/**
 * The fleet from the rows of noetl.runtime; null where they name no worker and no lease, so that nothing is known.
 * Source: event-store.md, "Tables" (noetl.runtime).
 */
export function fleetOf(rows: readonly RuntimeRow[] | null, now: EpochMs, thresholds: StaleThresholds): Fleet | null {
  if (!rows) return null;
  const workers = rows.filter((row) => row.kind === null || row.kind === 'worker_pool');
  const leases = rows.filter(isReaper);
  if (workers.length === 0 && leases.length === 0) return null;
  const beats = leases.flatMap(({ heartbeatAt }) =>
    heartbeatAt !== null && now - heartbeatAt < thresholds.reaperSilentMs ? [heartbeatAt] : [],
  );
  return {
    liveWorkers: new Set(
      workers.filter((row) => isLiveWorker(row, now, thresholds.workerSilentMs)).map((row) => row.name),
    ),
    workersSince: unbrokenSince(workers, now, thresholds.workerSilentMs),
    reaperAt: beats.length === 0 ? null : Math.max(...beats),
  };
}

/**
 * The beginning of the stretch, up to now, in which there was always a worker. Workers that took over from one another
 * within the limit of a heartbeat never went away: otherwise a deployment that restarts its pods every five minutes
 * would count as just back from an outage for ever. Rows of workers that are gone can only lengthen the stretch, so
 * where the server has deleted them the answer errs towards "came back lately".
 */
function unbrokenSince(workers: readonly RuntimeRow[], now: EpochMs, workerSilentMs: number): EpochMs | null {
  let since: EpochMs | null = null;
  const latestFirst = workers
    .flatMap((row) =>
      row.createdAt === null || row.heartbeatAt === null
        ? []
        : [{ from: row.createdAt, until: row.heartbeatAt, live: isLiveWorker(row, now, workerSilentMs) }],
    )
    .sort((a, b) => b.until - a.until);
  for (const { from, until, live } of latestFirst) {
    if (since === null ? live : until + workerSilentMs >= since) since = Math.min(since ?? from, from);
  }
  return since;
}
