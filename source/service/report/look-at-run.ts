import { isSettled, type StopState } from '../../domain/stopping/stopping.js';
import type { CancelReport } from '../cancel/cancel.js';
import type { FollowSnapshot, FollowStore } from '../follow/follow-run.js';
import { FOLLOW_QUIET_MS, isQuiet, judge, marksOf, readNewEvents } from '../follow/follow-tracker.js';
import { readHolders } from '../follow/holders.js';
import { LateChildren } from '../follow/late-children.js';

/** One look at all that a run cancelled, late children of its tree included. */
export async function lookAtRun(
  store: FollowStore,
  report: CancelReport,
  signal?: AbortSignal,
): Promise<FollowSnapshot> {
  const options = { polling: true as const, signal };
  const asOf = await store.clock(options);
  const late = report.request.cascade ? new LateChildren(store, report) : null;
  const cancelledLate = (await late?.read(options)) ?? [];
  const looked = [...marksOf(report), ...cancelledLate];
  await readNewEvents(store, looked, { overlapMs: 0, signal });
  const judged = (workerAlive?: Parameters<typeof judge>[2]): StopState[] =>
    looked.map((one) => judge(one, isQuiet(one, asOf, FOLLOW_QUIET_MS), workerAlive));
  let states = judged();
  if (states.some((state) => state.holding?.length)) states = judged((await readHolders(store, signal))(asOf));
  states = [...states, ...(late?.states() ?? [])];
  const lateIds = [
    ...cancelledLate.map((one) => one.executionId),
    ...(late?.states() ?? []).map((one) => one.executionId),
  ];
  return {
    states,
    asOf,
    allSettled: states.every((state) => isSettled(state.phase)),
    ...(lateIds.length > 0 ? { late: lateIds } : {}),
  };
}
