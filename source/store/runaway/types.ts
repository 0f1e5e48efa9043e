import type { EpochMs } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { Behaviour } from '../../domain/runaway/facts.js';
import type { ReadOptions } from '../event-store.js';

/** Reads that finding runaways needs; the cost of each is bounded, whatever one execution or the history holds. */
export interface RunawayReader {
  /**
   * What these executions did, each list counted no further than `cap` rows an execution (their newest). Commands are
   * listed as repeated from `minAttempts` claims or starts on; null leaves them out. Executions without rows did nothing.
   */
  behaviours(
    ids: readonly ExecutionId[],
    bounds: { readonly cap: number; readonly minAttempts: number | null },
    options?: ReadOptions,
  ): Promise<ReadonlyMap<ExecutionId, Behaviour>>;
  /** Runs of these playbook paths, whatever their status, newest first and at most `limit` each; paths without any are absent. */
  runsOfPaths(
    paths: readonly string[],
    limit: number,
    options?: ReadOptions,
  ): Promise<ReadonlyMap<string, readonly ExecutionId[]>>;
  /** How many of their newest events were counted, and since when; executions without rows are absent. */
  eventPace(
    ids: readonly ExecutionId[],
    options?: ReadOptions,
  ): Promise<ReadonlyMap<ExecutionId, { readonly events: number; readonly since: EpochMs }>>;
}
