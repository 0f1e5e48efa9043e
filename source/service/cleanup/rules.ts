import type { Condition } from '../../domain/conditions/conditions.js';
import { DEFAULT_STALE_AFTER_MS } from '../../domain/execution-status.js';
import { type Diagnosis, SAFE_CODES, type StaleCode } from '../../domain/staleness/staleness-types.js';
import { formatDuration } from '../../text/duration.js';

/** Below this a cleanup is refused: healthy steps alone last 57 s (event-store.md, "Sizes seen"). */
const LEAST_OLDER_THAN_MS = 60_000;

/** Whether a cleanup may use this threshold (milliseconds), and what an operator should know of it. */
export function checkOlderThan(ms: number): { ok: true; warning: string | null } | { ok: false; problem: string } {
  if (!(ms >= LEAST_OLDER_THAN_MS)) {
    return {
      ok: false,
      problem: `a threshold of ${formatDuration(ms)} would cancel healthy work: a single step can be silent for a minute; use 1m or more, better ${formatDuration(DEFAULT_STALE_AFTER_MS)}`,
    };
  }
  const warning =
    ms < DEFAULT_STALE_AFTER_MS
      ? `${formatDuration(ms)} is a short silence: engines take up to 6m 33s to finalise a run, and a threshold of 120 s killed 30 healthy runs of 344; ${formatDuration(DEFAULT_STALE_AFTER_MS)} is the default for that reason`
      : null;
  return { ok: true, warning };
}

/** The codes that a cleanup takes: the safe ones and those that were asked for by name. */
export const cleanedCodes = (include: Iterable<StaleCode> = []): ReadonlySet<StaleCode> =>
  new Set([...SAFE_CODES, ...include]);

export const isCleaned = (diagnosis: Diagnosis, codes: ReadonlySet<StaleCode>): boolean => codes.has(diagnosis.code);

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
