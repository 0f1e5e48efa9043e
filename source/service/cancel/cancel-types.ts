import type { CancelOutcome, CancelPath, CancelPlan, CancelRequest } from '../../domain/cancellation.js';
import type { EpochMs } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { PlanProgress } from './cancel-plan.js';

/** How a cancel run is going; told after every transaction. */
export interface CancelProgress {
  readonly phase: 'writing' | 'sweeping';
  /** Executions dealt with so far, and all that are known of; the total grows when the sweep finds late children. */
  readonly done: number;
  readonly total: number;
  readonly latest: readonly CancelOutcome[];
}

export interface CancelRunOptions {
  /** Aborting stops before the next transaction; what was written stays, the rest is `not-attempted`. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: CancelProgress) => void;
  /** Leave alone whatever has an event at or after this time: it woke up since the plan (cleanup). */
  readonly quietSince?: EpochMs;
  /** At most this many executions a second; unlimited when absent. */
  readonly ratePerSecond?: number;
}

/** What a run did: one outcome for each execution it met. */
export interface CancelReport {
  readonly request: CancelRequest;
  /** Which way the run wrote; by the table where it is not said. */
  readonly via?: CancelPath;
  readonly plan: CancelPlan;
  readonly outcomes: readonly CancelOutcome[];
  /** By this process's clock; each outcome's time is the database's. */
  readonly startedAt: EpochMs;
  readonly finishedAt: EpochMs;
  /** True when it was stopped before every target was tried. */
  readonly interrupted: boolean;
  /** Why the tree could not be read again, or not to its end, to look for late children; null when that was done. */
  readonly sweepProblem: string | null;
}

/** The use case of cancelling: plan, then run (write and sweep). Following is service/follow. */
export interface CancelService {
  /** Reads only. `cascade` adds all descendants. */
  plan(
    ids: readonly ExecutionId[],
    options: { cascade: boolean; signal?: AbortSignal; onProgress?: (progress: PlanProgress) => void },
  ): Promise<CancelPlan>;
  /** Writes the plan. Never throws for one execution's sake; throws StoreError when nothing at all could be written. */
  run(plan: CancelPlan, request: CancelRequest, options?: CancelRunOptions): Promise<CancelReport>;
}
