import type { EpochMs } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { Failure, OwnFacts, RecentClaims } from '../../domain/staleness/stale-facts.js';
import type { ReadOptions } from '../event-store.js';

/** When an execution's rows reached the table, where all of them were written in one transaction. */
export interface Ingest {
  /** To the microsecond, ISO 8601 in UTC. */
  readonly ingestTime: string;
  readonly at: EpochMs;
  /** ingest_time minus created_at of the newest row, milliseconds; never negative. */
  readonly lagMs: number;
  readonly lastEventAt: EpochMs;
}

/** An execution's own part of the facts, as its rows tell it; cohorts need more than one execution. */
export interface RecordedFacts extends Omit<OwnFacts, 'bulkLoad'> {
  readonly ingest: Ingest | null;
}

/** Reads that a diagnosis needs, for any number of executions in a bounded number of statements. */
export interface StaleFactsReader {
  /** What their own events say; executions without rows are absent. */
  recordedFacts(ids: readonly ExecutionId[], options?: ReadOptions): Promise<ReadonlyMap<ExecutionId, RecordedFacts>>;
  /** Executions that completed or failed (not: were cancelled) at or after a time. */
  finishedSince(since: EpochMs, options?: ReadOptions): Promise<ExecutionId[]>;
  /** The first failure that an execution's events hold; null where there is none. */
  firstErrorOf(id: ExecutionId, options?: ReadOptions): Promise<Failure | null>;
  /** Who claimed commands since a time, and how far the queue has come by that. */
  recentClaims(since: EpochMs, options?: ReadOptions): Promise<RecentClaims>;
  /**
   * Those of these executions whose ingest_time occurs in a row of another execution that was written near them: their
   * neighbours by created_at, which is the one way to such rows that an index covers.
   */
  loadedWithNeighbours(
    loads: readonly (Pick<Ingest, 'ingestTime' | 'lastEventAt'> & { readonly executionId: ExecutionId })[],
    options?: ReadOptions,
  ): Promise<ReadonlySet<ExecutionId>>;
}
