import type { ExecutionId } from '../../domain/execution-id.js';
import { SAFE_CODES, STALE_CODES } from '../../domain/staleness/staleness-types.js';
import type { CodeCount, Cohort, PathCount, StaleExecution } from './diagnose-types.js';

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
