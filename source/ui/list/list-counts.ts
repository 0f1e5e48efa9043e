import { displayStatus } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import { SAFE_CODES, STALE_CODES, type StaleCode } from '../../domain/staleness/staleness-types.js';
import { plural } from '../../text/words.js';
import type { ListClock, ListRow, Rows } from '../rows/list-row.js';
import { SAFE_MARK, UNSAFE_MARK } from '../rows/row-cells.js';
import { isWanted, type OrderQuery, type RowOrder } from './row-order.js';

/** Counts over everything that the feed holds, whatever the view and the filter. */
export interface ListCounts {
  readonly running: number;
  readonly stale: number;
  /** Running ones that behave unlike their playbook; null until it was read. */
  readonly runaway: number | null;
  readonly all: number;
}

const NO_CODES: ReadonlySet<StaleCode> = new Set();
export const NO_COUNTS: ListCounts = { running: 0, stale: 0, runaway: null, all: 0 };

/** @param isRunawayKnown whether it was read what runs away; a count is unknown before that, not 0 */
export function countRows(
  rows: Iterable<[ExecutionId, ListRow]>,
  clock: ListClock,
  isRunawayKnown = false,
): ListCounts {
  let runaway = 0;
  const counts = { running: 0, stale: 0, all: 0 };
  for (const [, row] of rows) {
    counts.all += 1;
    const status = displayStatus(row.execution, clock.now, clock.staleAfterMs);
    if (status === 'STALE') counts.stale += 1;
    if (status !== 'RUNNING') continue;
    counts.running += 1;
    if (row.runaway) runaway += 1;
  }
  return { ...counts, runaway: isRunawayKnown ? runaway : null };
}

/** The stale executions that a view and its filter leave, by cause. */
export interface StaleTally {
  readonly stale: number;
  readonly byCode: ReadonlyMap<StaleCode, number>;
  /** Imports that several executions share. */
  readonly cohorts: ReadonlySet<string>;
  /** Those that are safe to cancel: what the key that marks them marks. */
  readonly safe: readonly ExecutionId[];
}

export const NO_TALLY: StaleTally = { stale: 0, byCode: new Map(), cohorts: new Set(), safe: [] };

export function tallyStale(order: RowOrder, rows: Rows, query: OrderQuery): StaleTally {
  const byCode = new Map<StaleCode, number>();
  const cohorts = new Set<string>();
  const safe: ExecutionId[] = [];
  let stale = 0;
  for (const id of order.ids) {
    const row = rows.get(id);
    if (!row || !isWanted(row, query)) continue;
    if (displayStatus(row.execution, query.clock.now, query.clock.staleAfterMs) !== 'STALE') continue;
    stale += 1;
    if (!row.diagnosis) continue;
    if (row.diagnosis.safe) safe.push(id);
    byCode.set(row.diagnosis.code, (byCode.get(row.diagnosis.code) ?? 0) + 1);
    const { cohort } = row.diagnosis.evidence;
    if (cohort !== null) cohorts.add(cohort);
  }
  return { stale, byCode, cohorts, safe };
}

/** By code: `◇ worker-lost 12`, `! live-claim 2`; what can be acted on first, imports as groups. */
function causeParts({ byCode, cohorts, stale }: StaleTally, safeCodes: ReadonlySet<StaleCode>): string[] {
  const codes = STALE_CODES.filter((code) => byCode.has(code));
  const ordered = [...codes.filter((code) => safeCodes.has(code)), ...codes.filter((code) => !safeCodes.has(code))];
  const parts = ordered.map((code) => {
    const groups = code === 'imported' && cohorts.size > 0 ? ` (${plural(cohorts.size, 'import')})` : '';
    return `${safeCodes.has(code) ? SAFE_MARK : UNSAFE_MARK} ${code} ${byCode.get(code)}${groups}`;
  });
  const diagnosed = [...byCode.values()].reduce((sum, count) => sum + count, 0);
  return diagnosed < stale ? [...parts, `${stale - diagnosed} being diagnosed`] : parts;
}

/** Lines of the summary at most; more would take too many rows from the list. */
const MOST_LINES = 2;
const SEPARATOR = ' · ';

/** Parts in lines of so many cells; no part is divided. */
function inLines(parts: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const longer = lines.length === 0 ? part : `${lines[lines.length - 1]}${SEPARATOR}${part}`;
    if (lines.length > 0 && longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(part);
  }
  return lines;
}

export interface SummaryFacts {
  /** False while a condition of the engine holds: nothing is safe then. */
  readonly isJudged: boolean;
  readonly marks: ReadonlyMap<ExecutionId, unknown>;
  readonly keys: { readonly markSafe: string; readonly causes: string };
  readonly width: number;
}

/**
 * The hint and the causes above the Stale view's rows, in as many lines as they need, one or two; what does not fit is
 * counted, with the key that shows it.
 */
export function summaryLines(tally: StaleTally, { isJudged, marks, keys, width }: SummaryFacts): string[] {
  const safeCodes = isJudged ? SAFE_CODES : NO_CODES;
  const unmarkedSafe = isJudged ? tally.safe.filter((id) => !marks.has(id)).length : 0;
  const hint = unmarkedSafe > 0 ? [`${keys.markSafe} marks ${unmarkedSafe} safe`] : [];
  const causes = causeParts(tally, safeCodes);
  for (let shown = causes.length; shown >= 0; shown -= 1) {
    const more = shown < causes.length ? [`${plural(causes.length - shown, 'more cause')}: ${keys.causes}`] : [];
    const lines = inLines([...hint, ...causes.slice(0, shown), ...more], width - 2);
    if (lines.length <= MOST_LINES) return lines.length === 0 ? [''] : lines;
  }
  return [''];
}
