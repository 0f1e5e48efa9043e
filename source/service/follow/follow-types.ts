import type { EpochMs } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { StopState } from '../../domain/stopping/stopping.js';
import type { CancelReport } from '../cancel/cancel-types.js';

/** The follow-up of one run at a moment: a stop state for every execution that the run cancelled, and late children. */
export interface FollowSnapshot {
  readonly states: readonly StopState[];
  readonly asOf: EpochMs;
  /** True once every execution is settled: `stopped` or `abandoned`. */
  readonly allSettled: boolean;
  /** Executions among the states that appeared in the tree after the run, under a parent that it had cancelled. */
  readonly late?: readonly ExecutionId[];
  /** Why the newest read failed, where it did; the states are then those of the read before. */
  readonly problem?: string;
}

export interface FollowService {
  /**
   * Watches what a run cancelled, from the event log alone, until everything has settled, the time is over or the signal
   * aborts. Late children of the tree count too. Resolves with the last snapshot; it does not throw when time runs out.
   */
  follow(
    report: CancelReport,
    options: { timeoutMs: number; signal?: AbortSignal; onSnapshot?: (snapshot: FollowSnapshot) => void },
  ): Promise<FollowSnapshot>;
  /**
   * One look at executions that were cancelled at some time: the id, and the cancel's event and when its row was
   * written. An event id alone would not do: it may lie far from its row's time.
   */
  look(
    cancels: readonly { readonly executionId: ExecutionId; readonly eventId: string; readonly at: EpochMs }[],
    options?: { signal?: AbortSignal },
  ): Promise<FollowSnapshot>;
}
