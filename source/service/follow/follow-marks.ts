import type { EpochMs } from '../../domain/execution.js';
import { COMMIT_GRACE_MS } from '../../domain/stopping/stopping.js';
import type { CancelReport } from '../cancel/cancel-types.js';
import { type Tracked, tracked } from './follow-tracker.js';

/** Workers that ignore a cancel poll for commands about once a second, and an operator waits for this. */
export const FOLLOW_QUIET_MS = 2000;
/** A row that is further in the future than writers' clocks differ says nothing of how long it has been quiet. */
const CLOCK_SKEW_MS = 60_000;
/** A transaction that cancels many writes its first row so long before its commit at most. */
const LONGEST_COMMIT_MS = 2000;

/** True when the cancel and the newest event of a worker are older than the quiet period, by the database's clock. */
export const isQuiet = (one: Tracked, asOf: EpochMs, quietMs: number): boolean =>
  [one.newestAt, one.cancel.at].every((at) => at === null || asOf - at >= quietMs || at - asOf > CLOCK_SKEW_MS);

/** Every cancel that a run wrote, with the time at which the last of its transaction was written. */
export function marksOf(report: CancelReport): Tracked[] {
  const cancelled = report.outcomes.filter((outcome) => outcome.kind === 'cancelled');
  const last = cancelled.reduce((latest, outcome) => Math.max(latest, outcome.at), 0);
  return cancelled.map(({ executionId, eventId, at }) =>
    tracked(executionId, { eventId, at, visibleAt: Math.min(last, at + LONGEST_COMMIT_MS) + COMMIT_GRACE_MS }),
  );
}
