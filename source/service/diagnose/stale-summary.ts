import type { EpochMs, Execution } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import { type Diagnosis, SAFE_CODES, STALE_CODES, type StaleCode } from '../../domain/staleness/staleness-types.js';

/** An execution that is silent, and why. */
export interface StaleExecution {
  readonly execution: Execution;
  readonly diagnosis: Diagnosis;
  readonly silentMs: number;
}

/** How many stale executions have one code. */
export interface CodeCount {
  readonly code: StaleCode;
  readonly safe: boolean;
  readonly count: number;
}
/** How many stale executions one playbook has, and how many of them are safe to cancel. */
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

/** What is stale at a moment, with its counts. */
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

/** Counts of what is stale: by code in the codes' own order, by playbook with the most first. */
export function summarise(stale: readonly StaleExecution[]): {
  byCode: CodeCount[];
  byPath: PathCount[];
  cohorts: Cohort[];
} {
  const codes = new Map<string, number>();
  const paths = new Map<string | null, { count: number; safe: number }>();
  const cohorts = new Map<string, ExecutionId[]>();
  for (const { execution, diagnosis } of stale) {
    codes.set(diagnosis.code, (codes.get(diagnosis.code) ?? 0) + 1);
    const path = paths.get(execution.path) ?? { count: 0, safe: 0 };
    paths.set(execution.path, { count: path.count + 1, safe: path.safe + (diagnosis.safe ? 1 : 0) });
    const { cohort } = diagnosis.evidence;
    if (cohort === null) continue;
    const members = cohorts.get(cohort);
    if (members) members.push(execution.executionId);
    else cohorts.set(cohort, [execution.executionId]);
  }
  return {
    byCode: STALE_CODES.filter((code) => codes.has(code)).map((code) => ({
      code,
      safe: SAFE_CODES.has(code),
      count: codes.get(code) ?? 0,
    })),
    byPath: [...paths]
      .map(([path, counts]) => ({ path, ...counts }))
      .sort((a, b) => b.count - a.count || (a.path ?? '').localeCompare(b.path ?? '')),
    cohorts: [...cohorts].map(([cohort, executionIds]) => ({ cohort, executionIds })),
  };
}
