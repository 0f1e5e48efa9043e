import type { EpochMs } from '../domain/execution.js';
import type { ExecutionId } from '../domain/execution-id.js';
import { COMMIT_GRACE_MS } from '../domain/stopping.js';
import type { CancelReport } from './cancel-types.js';
import { withLiveness } from './follow-liveness.js';
import { FollowRun, type FollowStore, type FollowTuning } from './follow-run.js';
import { readNewEvents, stateOf, type Tracked, tracked } from './follow-tracker.js';
import type { FollowService, FollowSnapshot } from './follow-types.js';

/**
 * 2 s of quiet: workers that ignore a cancel poll for commands about once a second, and an operator waits for this.
 * 250 ms between reads at first: a stop is seen at once, and a read costs a few index probes an execution.
 */
export const FOLLOW_TUNING: FollowTuning = { quietMs: 2000, pollMs: 250 };

/** How far a look goes back for rows that became visible late. */
const LOOK_OVERLAP_MS = 10_000;
/** How many executions are remembered between looks, so that a look reads new events only. */
const REMEMBERED = 2000;
/** A transaction that cancels many writes its first row so long before its commit at most. */
const LONGEST_COMMIT_MS = 2000;

/** Follows cancels on a store, by its event log alone. */
export function createFollowService(store: FollowStore, tuning: FollowTuning = FOLLOW_TUNING): FollowService {
  const remembered = new Map<string, Tracked>();

  const remember = (executionId: ExecutionId, eventId: string, at: EpochMs): Tracked => {
    const key = `${executionId}:${eventId}`;
    const one = remembered.get(key) ?? tracked(executionId, { eventId, at });
    remembered.delete(key);
    remembered.set(key, one);
    return one;
  };

  return {
    follow: (report, options) => new FollowRun(store, marksOf(report), report, tuning, options).run(),

    async look(cancels, options = {}): Promise<FollowSnapshot> {
      const asOf = await store.clock({ polling: true, ...options });
      const looked = cancels.map(({ executionId, eventId, at }) => remember(executionId, eventId, at));
      await readNewEvents(store, looked, { overlapMs: LOOK_OVERLAP_MS, signal: options.signal });
      while (remembered.size > REMEMBERED) remembered.delete(remembered.keys().next().value as string);
      const states = looked.map((one) => {
        const newest = Math.max(one.newestAt ?? 0, one.cancel.at ?? 0);
        return stateOf(one, asOf - newest >= tuning.quietMs);
      });
      return {
        states: await withLiveness(store, states, asOf, options.signal),
        asOf,
        allStopped: states.every((state) => state.phase === 'stopped'),
      };
    },
  };
}

/** Every cancel that a run wrote, with the time at which the last of its transaction was written. */
function marksOf(report: CancelReport): Tracked[] {
  const cancelled = report.outcomes.filter((outcome) => outcome.kind === 'cancelled');
  const last = Math.max(...cancelled.map((outcome) => outcome.at));
  return cancelled.map(({ executionId, eventId, at }) =>
    tracked(executionId, { eventId, at, visibleAt: Math.min(last, at + LONGEST_COMMIT_MS) + COMMIT_GRACE_MS }),
  );
}
