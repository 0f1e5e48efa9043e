import type { EpochMs, Execution } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { Diagnosis, StaleCode } from '../../domain/staleness/staleness-types.js';

/** An execution that is silent, and why. */
export interface StaleExecution {
  readonly execution: Execution;
  readonly diagnosis: Diagnosis;
  readonly silentMs: number;
}

export interface CodeCount {
  readonly code: StaleCode;
  readonly safe: boolean;
  readonly count: number;
}
export interface PathCount {
  /** Null for executions whose catalog row is missing. */
  readonly path: string | null;
  readonly count: number;
  readonly safe: number;
}
/** Executions that one bulk load brought in. */
export interface Cohort {
  /** The shared ingest_time; `evidence.cohort` of its members. */
  readonly cohort: string;
  readonly executionIds: readonly ExecutionId[];
}

export interface StaleReport {
  /** Silent for the longest time first. */
  readonly stale: readonly StaleExecution[];
  /** The database's clock at the read. */
  readonly asOf: EpochMs;
  readonly olderThanMs: number;
  /** In the order of STALE_CODES; codes that did not occur are absent. */
  readonly byCode: readonly CodeCount[];
  /** Most stale executions first. */
  readonly byPath: readonly PathCount[];
  readonly cohorts: readonly Cohort[];
}

export interface DiagnoseOptions {
  /** Silent for longer is stale; milliseconds. */
  readonly olderThanMs: number;
  readonly signal?: AbortSignal;
  /** One of many reads that come by themselves (a console's refresh). */
  readonly polling?: boolean;
}

export interface DiagnoseService {
  /** Every execution to end that has been silent for longer, each with its diagnosis. */
  diagnoseStale(options: DiagnoseOptions): Promise<StaleReport>;
  /**
   * The diagnoses of these executions, which the caller knows to be stale. `active` spares the reading of all
   * executions to end where the caller has just read them (with `asOf`, the clock of that read); ids that are not
   * among them are absent from the answer.
   */
  diagnoseMany(
    ids: readonly ExecutionId[],
    options: DiagnoseOptions & {
      readonly active?: { readonly executions: Iterable<Execution>; readonly asOf: EpochMs };
    },
  ): Promise<ReadonlyMap<ExecutionId, Diagnosis>>;
}
