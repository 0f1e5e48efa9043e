import type { CommandEvent } from '../../domain/command-state.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { Failure } from '../../domain/staleness/stale-facts.js';
import type { CancellationRecord, ReadOptions } from '../event-store.js';

/** Direct children by what they are. */
export interface ChildStatuses {
  readonly all: number;
  /** Not ended: running and stale. */
  readonly live: number;
  readonly running: number;
  /** Not ended, and silent for longer than the threshold. */
  readonly stale: number;
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
  /** True where more rows name the parent than are read: there are at least so many. */
  readonly isCapped: boolean;
}

/** A row of a command with the attempt that its writer counted; null where it says none. */
export interface CountedCommandEvent extends CommandEvent {
  readonly attempt: number | null;
}

/** What the lists do not read of an execution. */
export interface ExecutionDetails {
  readonly children: ChildStatuses;
  /** The cancel in its log that workers obey, also where it ended otherwise; null where it has none. */
  readonly cancellation: CancellationRecord | null;
  readonly firstError: Failure | null;
  /** The commands' rows among its newest events, oldest first. */
  readonly commands: readonly CountedCommandEvent[];
  /** False where the execution has older events than those `commands` were taken from. */
  readonly hasAllCommands: boolean;
}

export interface DetailsReader {
  /** The cancels in the logs of these executions, also where they ended otherwise. */
  cancellationsOf(ids: readonly ExecutionId[], options?: ReadOptions): Promise<CancellationRecord[]>;
  /** The details of a few executions in one round trip; ids without rows have empty ones. */
  executionDetails(
    ids: readonly ExecutionId[],
    options: ReadOptions & { readonly staleAfterMs: number },
  ): Promise<ReadonlyMap<ExecutionId, ExecutionDetails>>;
}
