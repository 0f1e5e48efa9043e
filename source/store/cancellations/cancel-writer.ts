import type { CancelPath, CancelRequest, CancelTarget } from '../../domain/cancellation.js';
import type { EpochMs } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { AppendResult, EventStore } from '../event-store.js';

/**
 * How cancels are written. Plan, sweep, rate, follow and report are the same whichever writer there is; every outcome
 * says which one it was.
 */
export interface CancelWriter {
  readonly via: CancelPath;
  /** How many executions it takes at a time; as many as one transaction holds where it does not say. */
  readonly executionsAtOnce?: number;
  /** How many calls of `append` may be under way at once; one where it does not say. */
  readonly appendsAtOnce?: number;
  /** Finds out, before anything is written, whether cancels can be written at all. Throws StoreError. */
  prepare?(signal?: AbortSignal): Promise<void>;
  /**
   * Cancels each target, in the order given: one that has ended is never written to, and with `quietSince` neither is one
   * that has an event at or after that time. Throws StoreError only where nothing at all was written.
   */
  append(
    targets: readonly CancelTarget[],
    request: CancelRequest,
    options?: { readonly quietSince?: EpochMs; readonly signal?: AbortSignal },
  ): Promise<AppendResult[]>;
  /**
   * Those among executions that count as cancelled whose cancel is only half written: this writer can finish it. Absent
   * where there is no such state.
   */
  unfinished?(ids: readonly ExecutionId[], signal?: AbortSignal): Promise<ReadonlySet<ExecutionId>>;
}

/** Transactions that one run writes at once, each over a connection of its own. */
const TRANSACTIONS_AT_ONCE = 2;

/** Cancels as rows of the event table, in one transaction a call; several databases are written to at once as it is. */
export const tableCancelWriter = (store: Pick<EventStore, 'appendCancellations' | 'shards'>): CancelWriter => ({
  via: 'table',
  appendsAtOnce: store.shards ? 1 : TRANSACTIONS_AT_ONCE,
  append: (targets, request, options) => store.appendCancellations(targets, request, options),
});
