import type { EpochMs } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { ReadOptions } from '../event-store.js';

/** What the table knows of an execution at a moment, as far as it decides whether a cancel may be written. */
export interface CancelState {
  readonly executionId: ExecutionId;
  readonly lastEventAt: EpochMs;
  /** The types of its terminal events, in no particular order. */
  readonly terminalTypes: readonly string[];
  /** Of its `execution.cancelled`, else of another cancel row; null where it has none. */
  readonly cancel: {
    readonly eventId: string;
    readonly at: EpochMs;
    readonly cancelledBy: string | null;
    readonly batchId: string | null;
  } | null;
}

export interface CancelStateReader {
  /** The states of those among these ids that have rows. */
  cancelStates(ids: readonly ExecutionId[], options?: ReadOptions): Promise<ReadonlyMap<ExecutionId, CancelState>>;
}
