import type { Stack } from '../event-types.js';
import type { EpochMs, EventSummary } from '../execution.js';
import type { ExecutionId } from '../execution-id.js';
import { DEFAULT_STALE_AFTER_MS, type ExecutionStatus, type TerminalStatus } from '../execution-status.js';
import type { Fleet } from './recovery.js';

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

/** A command or step that failed. */
export interface Failure extends Pick<EventSummary, 'type' | 'node' | 'at'> {
  /** From `error`, else from result's context; null where neither says anything. Not fit for a terminal as it is. */
  readonly text: string | null;
}

/** What an execution's own events say of why it is silent. */
export interface OwnFacts {
  /**
   * Null where the events of all its commands were read. Else so many of the newest of each type were: a command that has
   * had no event among them may be outstanding all the same, or wait for a callback.
   */
  readonly newestOnly: number | null;
  readonly outstanding: readonly OutstandingCommand[];
  readonly pendingCallback: PendingCallback | null;
  /** The newest event that finished a step or a command. */
  readonly lastFinished: Pick<EventSummary, 'type' | 'node' | 'at'> | null;
  /** The newest event that ended a command or failed a step, where it is a failure. */
  readonly lastFailure: Failure | null;
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

export interface EndedRelative extends Relative {
  readonly status: TerminalStatus;
}

/** A silent descendant that is healthy all the same. */
export interface HeldRelative extends Relative {
  readonly by: 'callback' | 'claim' | 'recovering' | 'queued';
  readonly node: string | null;
  readonly workerId: string | null;
}

/** All that a diagnosis of one execution rests on. */
export interface StaleFacts extends OwnFacts {
  readonly executionId: ExecutionId;
  readonly lastEvent: EventSummary;
  /** Null when it names none, or one that has no rows. */
  readonly parent: ParentFacts | null;
  /** The stack that began it; null when it has no start event. */
  readonly stack: Stack | null;
  /** The descendant with the newest event, of those that have not ended. */
  readonly newestDescendant: Relative | null;
  /** The descendant that completed or failed last, if that was lately. */
  readonly endedDescendant: EndedRelative | null;
  /** A silent descendant that has not ended and that a callback, a worker, the engine's recovery or a queue can move. */
  readonly heldDescendant: HeldRelative | null;
  /** A silent descendant that nothing outstanding explains and that may yet end or go on (finalizing, unknown). */
  readonly undecidedDescendant: Relative | null;
  /** Newest heartbeat by worker; null when noetl.runtime names no worker at all, so that nothing is known. */
  readonly heartbeats: Heartbeats | null;
  /** Who can still take a command; null when noetl.runtime is absent, empty or not readable. */
  readonly fleet: Fleet | null;
  /** What was claimed lately; null where no command waits, so that it was not read. */
  readonly recentClaims: RecentClaims | null;
}

export interface Heartbeats extends ReadonlyMap<string, EpochMs | null> {
  /** Workers that the server has marked as gone, whatever their heartbeat. */
  readonly offline?: ReadonlySet<string>;
}

/** The claims of all executions within the staleness threshold. */
export interface RecentClaims {
  /** Who claimed something. */
  readonly workers: ReadonlySet<string>;
  /** When the latest issued of the claimed commands was issued; null where that is not known of any. */
  readonly newestIssue: EpochMs | null;
  /** False where there were more events than were read: then a worker that is not named may be busy all the same. */
  readonly complete: boolean;
}

/** All in milliseconds. */
export interface StaleThresholds {
  /** Silent for longer is stale; a relative that is not is progressing. */
  readonly staleAfterMs: number;
  /** A worker is alive while its heartbeat is younger. */
  readonly workerSilentMs: number;
  /** Until then the engine may yet write the end of an execution whose commands are all done. */
  readonly finalizingMs: number;
  /** A lease is live while its beat is younger. */
  readonly reaperSilentMs: number;
  /** How long the engine's own recovery may need to hand a command on. */
  readonly recoveryMs: number;
  /** Rows written this long after their own time were loaded, not lived. */
  readonly bulkLoadLagMs: number;
}

/**
 * 90 s: workers beat every 15 s. 180 s: a command reaper beats once a cycle of 60 s, and a long cycle must not make it
 * look dead. 10 minutes to recover: 229 s were recorded, and 9 minutes for an outage. One hour to finalise: 393 s is the longest seen. One hour of lag: live rows are
 * written within seconds, and the largest gap that a clock or a retry makes is far below. Source: event-store.md.
 */
export const DEFAULT_THRESHOLDS: StaleThresholds = {
  staleAfterMs: DEFAULT_STALE_AFTER_MS,
  workerSilentMs: 90_000,
  finalizingMs: 3_600_000,
  reaperSilentMs: 180_000,
  recoveryMs: 600_000,
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

export const isOffline = (status: string | null): boolean => status?.toLowerCase() === 'offline';

/**
 * The newest heartbeat of each name, with the status of that row. Servers and brokers alone say nothing of workers: without one worker's row
 * liveness is unknown, and a claim must then count as live.
 */
export function heartbeatsOf(rows: readonly RuntimeRow[] | null): Heartbeats | null {
  if (!rows?.some((row) => row.kind === null || row.kind === 'worker_pool')) return null;
  const newest = new Map<string, EpochMs | null>();
  const offline = new Set<string>();
  for (const { name, heartbeatAt, status } of rows) {
    const before = newest.get(name);
    if (before !== undefined && before !== null && !(heartbeatAt !== null && heartbeatAt >= before)) continue;
    newest.set(name, heartbeatAt);
    if (isOffline(status)) offline.add(name);
    else offline.delete(name);
  }
  return Object.assign(newest, { offline });
}
