import type { CancelRequest } from '../../domain/cancellation.js';
import {
  type Condition,
  type ConditionCode,
  type EngineState,
  notOverridden,
} from '../../domain/conditions/conditions.js';
import type { EpochMs } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { StaleCode } from '../../domain/staleness/staleness-types.js';
import type { CancelProgress, CancelReport, CancelRunOptions, CancelService } from '../cancel/cancel.js';
import { type ConditionsService, createConditionsService } from '../conditions.js';
import type { DiagnoseService } from '../diagnose/diagnose.js';
import { judgedReport } from '../diagnose/judged-diagnoses.js';
import { type CodeCount, type StaleExecution, type StaleReport, summarise } from '../diagnose/stale-summary.js';
import { CleanupRun, type CleanupStore } from './cleanup-run.js';
import { CleanupRefused, checkOlderThan, cleanedCodes, isCleaned } from './rules.js';

export interface CleanupOptions {
  /** Silent for longer is stale; milliseconds. Below one minute it is refused. */
  readonly olderThanMs: number;
  /** Codes to clean besides the safe ones. */
  readonly include?: Iterable<StaleCode>;
  /** Which of the stale executions, asked with the clock that they were diagnosed by; all when absent. */
  readonly wanted?: (one: StaleExecution, clock: { readonly now: EpochMs; readonly staleAfterMs: number }) => boolean;
  /** At most this many executions, those silent for the longest time first; all when absent. */
  readonly limit?: number;
  /** Conditions of the engine to override where they hold. */
  readonly despite?: readonly ConditionCode[];
  readonly signal?: AbortSignal;
}

/**
 * Why a stale execution was not cancelled. `not-safe`: its code is neither safe nor included. `over-limit`. `woke`: it
 * has an event since the plan. `no-longer-safe`: it is silent still, but the diagnosis of today is another one.
 * `ended`: it ended, or another writer cancelled it first. `failed`: the database refused. `not-attempted`: stopped before.
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

/** A stale execution that a cleanup does not cancel, and why. */
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

/** The progress of a cleanup, as of a cancel; `done` are the targets dealt with, whatever became of them. */
export type CleanupProgress = Omit<CancelProgress, 'phase'>;

export interface CleanupRunOptions extends Pick<CancelRunOptions, 'signal' | 'ratePerSecond'> {
  readonly onProgress?: (progress: CleanupProgress) => void;
}

/** What a cleanup did with each target of its plan. */
export interface CleanupReport {
  readonly plan: CleanupPlan;
  readonly cancelled: readonly { readonly executionId: ExecutionId; readonly code: StaleCode }[];
  /** Those of the plan and those that the run itself skipped. */
  readonly skipped: readonly CleanupSkip[];
  readonly counts: readonly { readonly code: StaleCode; readonly planned: number; readonly cancelled: number }[];
  /** The writes as one run, for the follow-up (`--wait`). */
  readonly cancel: CancelReport;
  readonly interrupted: boolean;
  /** What ended the run early, where the database failed on the way or a condition of the engine began. */
  readonly failure: string | null;
}

export interface CleanupService {
  /** Reads only. Throws CleanupRefused for a threshold that is too short. */
  plan(options: CleanupOptions): Promise<CleanupPlan>;
  /**
   * Cancels the plan's targets in batches, without cascade: each stale execution is judged alone, again before each
   * batch's write, and under the lock in the write. So is the engine: a condition that holds before the first batch is a
   * CleanupBlocked, one that begins later ends the run. Throws StoreError when nothing at all could be done.
   */
  run(plan: CleanupPlan, request: CancelRequest, options?: CleanupRunOptions): Promise<CleanupReport>;
}

/**
 * Cancels what is stale and safe to cancel. The conditions of the engine are read on the same store unless a service is
 * given that others read too.
 */
export function createCleanupService(
  store: CleanupStore,
  given: {
    readonly diagnose: DiagnoseService;
    readonly cancel: CancelService;
    readonly conditions?: ConditionsService;
  },
): CleanupService {
  const services = { ...given, conditions: given.conditions ?? createConditionsService(store) };
  return {
    async plan({ olderThanMs, include, wanted, limit, despite = [], signal }) {
      const threshold = checkOlderThan(olderThanMs);
      if (!threshold.ok) throw new CleanupRefused(threshold.problem);
      const codes = cleanedCodes(include);
      const reading = { signal };
      const diagnosed = await services.diagnose.diagnoseStale({ olderThanMs, ...reading });
      const engine = await services.conditions.read(reading);
      const report = judgedReport(wanted ? narrowed(diagnosed, wanted) : diagnosed, engine);
      const chosen = report.stale.filter(({ diagnosis }) => isCleaned(diagnosis, codes));
      const targets = limit === undefined ? chosen : chosen.slice(0, limit);
      const skipped: CleanupSkip[] = [
        ...report.stale
          .filter(({ diagnosis }) => !isCleaned(diagnosis, codes))
          .map(({ execution, diagnosis }) => ({
            executionId: execution.executionId,
            code: diagnosis.code,
            why: 'not-safe' as const,
            detail: diagnosis.evidence.sentence,
          })),
        ...chosen.slice(targets.length).map(({ execution, diagnosis }) => ({
          executionId: execution.executionId,
          code: diagnosis.code,
          why: 'over-limit' as const,
          detail: `beyond the limit of ${limit}`,
        })),
      ];
      const { byCode } = summarise(targets);
      const plan = {
        asOf: report.asOf,
        olderThanMs,
        warning: threshold.warning,
        codes,
        targets,
        skipped,
        byCode,
        report,
      };
      return { ...plan, engine, despite, refusedBy: notOverridden(engine, despite) };
    },

    run: (plan, request, options = {}) =>
      new CleanupRun(store, services, plan, { ...request, cascade: false }, options).run(),
  };
}

/** A report of the wanted executions only: the others are neither cancelled nor listed as skipped. */
function narrowed(report: StaleReport, wanted: NonNullable<CleanupOptions['wanted']>): StaleReport {
  const clock = { now: report.asOf, staleAfterMs: report.olderThanMs };
  const stale = report.stale.filter((one) => wanted(one, clock));
  return { ...report, stale, ...summarise(stale) };
}
