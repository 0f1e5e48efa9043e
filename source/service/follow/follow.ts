import type { EpochMs } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import { isSettled } from '../../domain/stopping/stopping.js';
import type { CancelReport } from '../cancel/cancel.js';
import { FollowRun, type FollowSnapshot, type FollowStore, type FollowTuning } from './follow-run.js';
import {
  FOLLOW_QUIET_MS,
  isQuiet,
  judge,
  marksOf,
  readHolders,
  readNewEvents,
  type Tracked,
  tracked,
} from './follow-tracker.js';

export interface FollowService {
  /**
   * Watches what a run cancelled, from the event log alone, until everything has settled, the time is over or the signal
   * aborts. Late children of the tree count too. Resolves with the last snapshot; it does not throw when time runs out.
   */
  follow(
    report: CancelReport,
    options: { timeoutMs: number; signal?: AbortSignal; onSnapshot?: (snapshot: FollowSnapshot) => void },
  ): Promise<FollowSnapshot>;
  /**
   * One look at executions that were cancelled at some time: the id, and the cancel's event and when its row was
   * written. An event id alone would not do: it may lie far from its row's time.
   */
  look(
    cancels: readonly { readonly executionId: ExecutionId; readonly eventId: string; readonly at: EpochMs }[],
    options?: { signal?: AbortSignal },
  ): Promise<FollowSnapshot>;
}

/**
 * 2 s of quiet: workers that ignore a cancel poll for commands about once a second, and an operator waits for this.
 * 250 ms between reads at first: a stop is seen at once, and a read costs a few index probes an execution.
 */
export const FOLLOW_TUNING: FollowTuning = { quietMs: FOLLOW_QUIET_MS, pollMs: 250 };

/** How far a look goes back for rows that became visible late. */
const LOOK_OVERLAP_MS = 10_000;
/** How many executions are remembered between looks, so that a look reads new events only. */
const REMEMBERED = 2000;

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
      const looked = cancels.map(({ executionId, eventId, at }) => remember(executionId, eventId, at));
      const reading = { polling: true, ...options };
      // All at once: none depends on another's answer. What counts as quiet is judged by the time at which they were
      // asked, whichever of them was answered first.
      const begun = performance.now();
      const [asOf, , holders] = await Promise.all([
        store.clock(reading).then((now) => now - (performance.now() - begun)),
        readNewEvents(store, looked, { overlapMs: LOOK_OVERLAP_MS, signal: options.signal }),
        readHolders(store, options.signal),
      ]);
      while (remembered.size > REMEMBERED) remembered.delete(remembered.keys().next().value as string);
      let states = looked.map((one) => judge(one, isQuiet(one, asOf, tuning.quietMs)));
      if (states.some((state) => state.holding?.length)) {
        const workerAlive = holders(asOf);
        states = looked.map((one) => judge(one, isQuiet(one, asOf, tuning.quietMs), workerAlive));
      }
      return { states, asOf, allSettled: states.every((state) => isSettled(state.phase)) };
    },
  };
}
