import { displayStatus } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import { STALE_CODES, type StaleCode } from '../../domain/staleness/staleness-types.js';
import type { ListClock, ListRow } from '../rows/list-row.js';

/** Counts over everything that the feed holds, whatever the view. */
export interface ListCounts {
  readonly running: number;
  readonly stale: number;
  readonly safe: number;
  /** Running ones that behave unlike their playbook; null until it was read. */
  readonly runaway: number | null;
  readonly cancelled: number;
  readonly all: number;
  readonly byCode: ReadonlyMap<StaleCode, number>;
  /** Executions of each import that several share. */
  readonly cohorts: ReadonlyMap<string, number>;
}

export const NO_COUNTS: ListCounts = {
  running: 0,
  stale: 0,
  safe: 0,
  runaway: null,
  cancelled: 0,
  all: 0,
  byCode: new Map(),
  cohorts: new Map(),
};

/** @param isRunawayKnown whether it was read what runs away; a count is unknown before that, not 0 */
export function countRows(
  rows: Iterable<[ExecutionId, ListRow]>,
  clock: ListClock,
  isRunawayKnown = false,
): ListCounts {
  const byCode = new Map<StaleCode, number>();
  const cohorts = new Map<string, number>();
  let runaway = 0;
  const counts = { running: 0, stale: 0, safe: 0, cancelled: 0, all: 0 };
  for (const [, row] of rows) {
    counts.all += 1;
    const status = displayStatus(row.execution, clock.now, clock.staleAfterMs);
    if (status === 'RUNNING') {
      counts.running += 1;
      if (row.runaway) runaway += 1;
    } else if (status === 'CANCELLED') counts.cancelled += 1;
    if (status !== 'STALE') continue;
    counts.stale += 1;
    if (!row.diagnosis) continue;
    if (row.diagnosis.safe) counts.safe += 1;
    byCode.set(row.diagnosis.code, (byCode.get(row.diagnosis.code) ?? 0) + 1);
    const { cohort } = row.diagnosis.evidence;
    if (cohort !== null) cohorts.set(cohort, (cohorts.get(cohort) ?? 0) + 1);
  }
  return { ...counts, runaway: isRunawayKnown ? runaway : null, byCode, cohorts };
}

/** The stale executions by code in one line: `✓ worker-lost 12 · ! live-claim 2`; imports as groups. */
export function codeSummary(counts: ListCounts, safeCodes: ReadonlySet<StaleCode>): string {
  const imports = counts.cohorts.size;
  const codes = STALE_CODES.filter((code) => counts.byCode.has(code));
  // What can be acted on comes first; within that, the order of the codes.
  const ordered = [...codes.filter((code) => safeCodes.has(code)), ...codes.filter((code) => !safeCodes.has(code))];
  const parts = ordered.map((code) => {
    const groups = code === 'imported' && imports > 0 ? ` (${imports} import${imports === 1 ? '' : 's'})` : '';
    return `${safeCodes.has(code) ? '✓' : '!'} ${code} ${counts.byCode.get(code)}${groups}`;
  });
  const diagnosed = [...counts.byCode.values()].reduce((sum, count) => sum + count, 0);
  if (diagnosed < counts.stale) parts.push(`${counts.stale - diagnosed} being diagnosed`);
  return parts.join(' · ');
}
