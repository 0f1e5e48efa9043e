import type { CancelOutcome, CancelRequest } from '../../domain/cancellation.js';
import type { Condition, ConditionCode, EngineState } from '../../domain/conditions/conditions.js';
import type { EpochMs } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { StaleCode } from '../../domain/staleness/staleness-types.js';
import type { CancelReport } from '../cancel/cancel-types.js';
import type { CodeCount, StaleExecution, StaleReport } from '../diagnose/diagnose-types.js';

export interface CleanupOptions {
  /** Silent for longer is stale; milliseconds. Below one minute it is refused. */
  readonly olderThanMs: number;
  /** Codes to clean besides the safe ones. */
  readonly include?: Iterable<StaleCode>;
  /** Which playbook paths; all when absent. */
  readonly wanted?: (path: string | null) => boolean;
  /** At most this many executions, those silent for the longest time first; all when absent. */
  readonly limit?: number;
  /** Conditions of the engine to override where they hold. */
  readonly despite?: readonly ConditionCode[];
  readonly signal?: AbortSignal;
}

/**
 * Why a stale execution was not cancelled. `not-safe`: its code is neither safe nor included. `over-limit`. `woke`: it
 * has an event since the plan. `no-longer-safe`: it is silent still, but the diagnosis of today is another one.
 * `ended`: it ended, or somebody else cancelled it first. `failed`: the database refused. `not-attempted`: stopped before.
 */
export type SkipReason =
  | 'not-safe'
  | 'over-limit'
  | 'woke'
  | 'no-longer-safe'
  | 'ended'
  | 'failed'
  | 'outcome-unknown'
  | 'not-attempted';

export interface CleanupSkip {
  readonly executionId: ExecutionId;
  /** The code of the plan. */
  readonly code: StaleCode;
  readonly why: SkipReason;
  /** One sentence with the particulars. */
  readonly detail: string;
}

/** What a cleanup would do; a dry run prints it and writes nothing. */
export interface CleanupPlan {
  readonly asOf: EpochMs;
  readonly olderThanMs: number;
  /** What an operator should know of a short threshold. */
  readonly warning: string | null;
  /** The codes that are cleaned. */
  readonly codes: ReadonlySet<StaleCode>;
  /** Silent for the longest time first. */
  readonly targets: readonly StaleExecution[];
  readonly skipped: readonly CleanupSkip[];
  /** The targets by code. */
  readonly byCode: readonly CodeCount[];
  /** All that is stale, from which the targets were taken. */
  readonly report: StaleReport;
  readonly engine: EngineState;
  readonly despite: readonly ConditionCode[];
  /** Conditions that hold and are not overridden: while there is one, `run` refuses. */
  readonly refusedBy: readonly Condition[];
}

export interface CleanupProgress {
  /** Targets dealt with so far, whatever became of them. */
  readonly done: number;
  readonly total: number;
  readonly latest: readonly CancelOutcome[];
}

export interface CleanupRunOptions {
  /** Aborting stops before the next transaction; what was written stays. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: CleanupProgress) => void;
  /** At most this many executions a second; unlimited when absent. */
  readonly ratePerSecond?: number;
}

export interface CleanupReport {
  readonly plan: CleanupPlan;
  readonly cancelled: readonly { readonly executionId: ExecutionId; readonly code: StaleCode }[];
  /** Those of the plan and those that the run itself left alone. */
  readonly skipped: readonly CleanupSkip[];
  readonly counts: readonly { readonly code: StaleCode; readonly planned: number; readonly cancelled: number }[];
  /** The writes as one run, for the follow-up (`--wait`). */
  readonly cancel: CancelReport;
  readonly interrupted: boolean;
  /** What ended the run early, where the database failed on the way or a condition of the engine began. */
  readonly failure: string | null;
}

/** A cleanup that does not begin because nothing may be judged now. Its message says what to fix. */
export class CleanupBlocked extends Error {
  override readonly name = 'CleanupBlocked';
  constructor(readonly conditions: readonly Condition[]) {
    super(blockedWords(conditions));
  }
}

/** Why a cleanup is refused and what to fix first, in one line. */
export const blockedWords = (conditions: readonly Condition[]): string =>
  `nothing may be called stuck now: ${conditions.map(({ code, sentence, remedy }) => `${code}: ${sentence} (${remedy})`).join('; ')}`;

/** A cleanup that is not begun, with the reason in one sentence. */
export class CleanupRefused extends Error {
  override readonly name = 'CleanupRefused';
}

export interface CleanupService {
  /** Reads only. Throws CleanupRefused for a threshold that is too short. */
  plan(options: CleanupOptions): Promise<CleanupPlan>;
  /**
   * Cancels the plan's targets in batches, without cascade: each stale execution is judged by itself, again before each
   * batch's write, and under the lock in the write. So is the engine: a condition that holds before the first batch is a
   * CleanupBlocked, one that begins later ends the run. Throws StoreError when nothing at all could be done.
   */
  run(plan: CleanupPlan, request: CancelRequest, options?: CleanupRunOptions): Promise<CleanupReport>;
}
