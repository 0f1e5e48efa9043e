import type { EpochMs } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { ExecutionLog } from '../../domain/rehearsal/types.js';
import type { ReadOptions } from '../event-store.js';

/** A place in the log, ordered by time; only the store that made it can read it. */
export type LogPlace = string;

/** What one execution did within a page of the log; the transport's rows do not count. */
export interface LogPart {
  readonly executionId: ExecutionId;
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
  /** Between two of its events within the page, in milliseconds; 0 where there is one event only. */
  readonly longestGapMs: number;
  readonly ended: boolean;
  readonly events: number;
}

export interface LogPage {
  readonly parts: readonly LogPart[];
  /** The time of its last row. */
  readonly lastAt: EpochMs;
  /** Where the next page begins; null after the last. */
  readonly next: LogPlace | null;
}

/** An execution's log, with what its playbook's path is found by. */
export interface StoredLog extends Omit<ExecutionLog, 'path'> {
  readonly catalogId: string | null;
}

/** Reads of the whole log, in pieces of a bounded size, through indexes. */
export interface RehearsalReader {
  /** The place before the first row that was written at or after a time. */
  logFrom(since: EpochMs): LogPlace;
  /** The next rows of the log up to a time, at most `limit`, one part an execution. */
  logPage(place: LogPlace, until: EpochMs, limit: number, options?: ReadOptions): Promise<LogPage>;
  /** How many rows each of these has, the transport's included, counted no further than `cap`. */
  logSizes(ids: readonly ExecutionId[], cap: number, options?: ReadOptions): Promise<ReadonlyMap<ExecutionId, number>>;
  /** All that these executions wrote, but for the transport's rows. The caller bounds how many rows that is. */
  logsOf(
    ids: readonly ExecutionId[],
    loadLagMs: number,
    options?: ReadOptions,
  ): Promise<ReadonlyMap<ExecutionId, StoredLog>>;
}
