import type { Execution } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { Runaway } from '../../domain/runaway/facts.js';
import type { StopState } from '../../domain/stopping/stopping.js';
import type { ExecutionSummary } from '../../service/live-feed/feed-state.js';
import type { CancellationRecord } from '../../store/event-store.js';

/**
 * A row of any view: what the feed knows, for the Cancelled view who cancelled it and whether it has stopped, and how it
 * runs away.
 */
export interface ListRow extends ExecutionSummary {
  readonly cancellation?: CancellationRecord;
  readonly stop?: StopState;
  /** How it behaves unlike its playbook; counts only while it is running. */
  readonly runaway?: Runaway;
}

/** All that a row can say of an execution that the feed does not hold. */
export const rowOf = (execution: Execution, children: ListRow['children'] = null): ListRow => ({
  execution,
  currentStep: execution.lastEvent.node === execution.path ? null : execution.lastEvent.node,
  workerId: execution.lastEvent.workerId,
  children,
  diagnosis: null,
});

/** What time it is for a list, by the database's clock, and from when on silence is staleness (milliseconds). */
export interface ListClock {
  readonly now: number;
  readonly staleAfterMs: number;
}

/** Rows by id: what a Map offers for reading. */
export interface Rows {
  get(id: ExecutionId): ListRow | undefined;
  has(id: ExecutionId): boolean;
  [Symbol.iterator](): Iterator<[ExecutionId, ListRow]>;
}
