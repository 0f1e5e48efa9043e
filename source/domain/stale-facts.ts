import type { EpochMs, EventSummary } from './execution.js';
import type { ExecutionId } from './execution-id.js';
import { DEFAULT_STALE_AFTER_MS, type ExecutionStatus } from './execution-status.js';

/** A command that was issued and has not ended. */
export interface OutstandingCommand {
  readonly commandKey: string;
  readonly node: string | null;
  readonly stage: 'issued' | 'claimed' | 'started';
  /** Who holds it; null where no event says so. */
  readonly workerId: string | null;
  /** The newest of its events: what it is and when it was written. */
  readonly eventType: string;
  readonly at: EpochMs;
}

/** A command that ended by parking its step on an external callback which has not come. */
export interface PendingCallback {
  readonly commandKey: string;
  readonly node: string | null;
  readonly eventType: string;
  readonly at: EpochMs;
}

/** Rows that were written in one transaction with those of other executions, long after their own time. */
export interface BulkLoad {
  /** The ingest_time shared to the microsecond, ISO 8601 in UTC; it names the cohort. */
  readonly ingestTime: string;
  readonly at: EpochMs;
  /** ingest_time minus created_at of the newest row, milliseconds. */
  readonly lagMs: number;
  /** How many other executions share it, of those that were read. */
  readonly others: number;
}

/** What an execution's own events say of why it is silent. */
export interface OwnFacts {
  readonly outstanding: readonly OutstandingCommand[];
  readonly pendingCallback: PendingCallback | null;
  /** The newest event that finished a step or a command. */
  readonly lastFinished: Pick<EventSummary, 'type' | 'node' | 'at'> | null;
  readonly bulkLoad: BulkLoad | null;
}

/** Another execution that this one waits for or answers to. */
export interface Relative {
  readonly executionId: ExecutionId;
  readonly lastEvent: EventSummary;
}

export interface ParentFacts extends Relative {
  readonly status: ExecutionStatus;
  readonly endedAt: EpochMs | null;
}

/** A silent descendant that is healthy all the same. */
export interface HeldRelative extends Relative {
  readonly by: 'callback' | 'claim';
  readonly node: string | null;
  readonly workerId: string | null;
}

/** All that a diagnosis of one execution rests on. */
export interface StaleFacts extends OwnFacts {
  readonly executionId: ExecutionId;
  readonly lastEvent: EventSummary;
  /** Null when it names none, or one that has no rows. */
  readonly parent: ParentFacts | null;
  /** The descendant with the newest event, of those to end and those that finished by themselves. */
  readonly newestDescendant: Relative | null;
  /** A descendant to end that is parked on a callback or held by a worker not known to be gone. */
  readonly heldDescendant: HeldRelative | null;
  /** A silent descendant that nothing outstanding explains and that may yet end or go on (finalizing, unknown). */
  readonly undecidedDescendant: Relative | null;
  /** Newest heartbeat by worker; null when noetl.runtime names no worker at all, so that nothing is known. */
  readonly heartbeats: Heartbeats | null;
}

export type Heartbeats = ReadonlyMap<string, EpochMs | null>;

/** All in milliseconds. */
export interface StaleThresholds {
  /** Silent for longer is stale; a relative that is not is progressing. */
  readonly staleAfterMs: number;
  /** A worker is alive while its heartbeat is younger. */
  readonly workerSilentMs: number;
  /** Until then the engine may yet write the end of an execution whose commands are all done. */
  readonly finalizingMs: number;
  /** Rows written this long after their own time were loaded, not lived. */
  readonly bulkLoadLagMs: number;
}

/**
 * 90 s: workers beat every 15 s. One hour to finalise: 393 s is the longest seen. One hour of lag: live rows are
 * written within seconds, and the largest gap that a clock or a retry makes is far below. Source: event-store.md.
 */
export const DEFAULT_THRESHOLDS: StaleThresholds = {
  staleAfterMs: DEFAULT_STALE_AFTER_MS,
  workerSilentMs: 90_000,
  finalizingMs: 3_600_000,
  bulkLoadLagMs: 3_600_000,
};

/** A row of noetl.runtime, as far as liveness goes. */
export interface RuntimeRow {
  readonly name: string;
  readonly kind: string | null;
  /** `offline` once the server's sweeper has missed it. */
  readonly status: string | null;
  readonly heartbeatAt: EpochMs | null;
  /** When it registered; null where the column is missing. */
  readonly createdAt: EpochMs | null;
}

/**
 * The newest heartbeat of each name. Servers and brokers alone say nothing of workers: without one worker's row
 * liveness is unknown, and a claim must then count as live.
 */
export function heartbeatsOf(rows: readonly RuntimeRow[] | null): Heartbeats | null {
  if (!rows?.some((row) => row.kind === null || row.kind === 'worker_pool')) return null;
  const newest = new Map<string, EpochMs | null>();
  for (const { name, heartbeatAt } of rows) {
    const before = newest.get(name) ?? null;
    newest.set(name, before === null || (heartbeatAt !== null && heartbeatAt > before) ? heartbeatAt : before);
  }
  return newest;
}
