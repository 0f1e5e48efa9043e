import { displayStatus, type EpochMs, silentFor } from '../../domain/execution.js';
import { SAFE_CODES, STALE_CODES } from '../../domain/staleness/staleness-types.js';
import type { ExecutionSummary } from '../../service/live-feed/feed-state.js';
import { formatDuration } from '../../text/duration.js';

/** A line of the table of causes; the keys are its headings. */
export type CauseRow = {
  readonly why: string;
  readonly safe: 'yes' | 'no' | '';
  readonly executions: number;
  readonly playbooks: number;
  readonly longest: string;
};

interface Tally {
  executions: number;
  longestMs: number;
  readonly paths: Set<string | null>;
}

/** The stale executions by cause: those safe to clean first, within that in the order of the codes, and a last line for all. */
export function causeRows(rows: Iterable<ExecutionSummary>, now: EpochMs, staleAfterMs: number): CauseRow[] {
  const tallies = new Map<string, Tally>();
  const all: Tally = { executions: 0, longestMs: 0, paths: new Set() };
  /** Of these one was called unsafe: by its code, or because a condition of the engine holds. */
  const notSafe = new Set<string>();
  for (const { execution, diagnosis } of rows) {
    if (displayStatus(execution, now, staleAfterMs) !== 'STALE') continue;
    const why = diagnosis?.code ?? BEING_DIAGNOSED;
    if (diagnosis?.safe === false) notSafe.add(why);
    const own = tallies.get(why) ?? { executions: 0, longestMs: 0, paths: new Set() };
    tallies.set(why, own);
    for (const tally of [own, all]) {
      tally.executions += 1;
      tally.longestMs = Math.max(tally.longestMs, silentFor(execution, now));
      tally.paths.add(execution.path);
    }
  }
  const safe = STALE_CODES.filter((code) => SAFE_CODES.has(code));
  const unsafe = STALE_CODES.filter((code) => !SAFE_CODES.has(code));
  const lines = [...safe, ...unsafe, BEING_DIAGNOSED].flatMap((why) => {
    const tally = tallies.get(why);
    return tally ? [lineOf(why, safeWord(why, notSafe.has(why)), tally)] : [];
  });
  return all.executions === 0 ? [] : [...lines, lineOf(ALL_CAUSES, '', all)];
}

export const BEING_DIAGNOSED = 'being diagnosed';
/** What the last line counts. */
export const ALL_CAUSES = 'all';

function safeWord(why: string, isNotNow: boolean): CauseRow['safe'] {
  if (why === BEING_DIAGNOSED) return '';
  if (isNotNow) return 'no';
  return (SAFE_CODES as ReadonlySet<string>).has(why) ? 'yes' : 'no';
}

const lineOf = (why: string, safe: CauseRow['safe'], { executions, longestMs, paths }: Tally): CauseRow => ({
  why,
  safe,
  executions,
  playbooks: paths.size,
  longest: formatDuration(longestMs),
});
