import type { CancelOutcome, CancelPlan, CancelRequest, CancelTarget } from '../../domain/cancellation.js';
import type { EpochMs, Execution } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import { isSettled, type StopState } from '../../domain/stopping/stopping.js';
import type { CancellationRecord, EventStore } from '../../store/event-store.js';
import type { CancelReport } from '../cancel/cancel.js';
import type { FollowSnapshot, FollowStore } from '../follow/follow-run.js';
import { FOLLOW_QUIET_MS, isQuiet, judge, marksOf, readHolders, readNewEvents } from '../follow/follow-tracker.js';
import { LateChildren } from '../follow/late-children.js';

type BatchStore = FollowStore & Pick<EventStore, 'cancellationsOfBatch'>;

/** A tree this large is read in part; what lies beyond is not named. */
const MAX_LINKS = 200_000;

/** A run as the log shows it, and whether its work has stopped. */
export interface BatchFromLog {
  readonly report: CancelReport;
  readonly follow: FollowSnapshot;
}

/**
 * A batch of anyone, at any later time, from the log alone; null where no cancel names it. What leaves no row is not in
 * it: unknown ids, failures, and whether the run was interrupted.
 */
export async function batchFromLog(
  store: BatchStore,
  batchId: string,
  options: { readonly since?: EpochMs; readonly signal?: AbortSignal } = {},
): Promise<BatchFromLog | null> {
  const { signal, since } = options;
  const read = { signal };
  const records = await store.cancellationsOfBatch(batchId, { ...read, since });
  const [first] = records;
  const last = records.at(-1);
  if (!first || !last) return null;
  const request: CancelRequest = {
    reason: first.reason,
    cancelledBy: first.cancelledBy ?? 'unknown',
    cascade: records.some((record) => record.cascade === true),
    batchId,
    source: first.source ?? 'unknown',
  };
  const requested = [...new Set(records.map(rootOf))];
  const members = new Set(records.map((record) => record.executionId));
  const links = request.cascade ? (await store.linksBelow(requested, MAX_LINKS, read)).links : [];
  const around = [...new Set([...members, ...requested, ...links.map(({ child }) => child)])];
  const { executions } = await store.executionsById(around, read);
  const known = new Map(executions.map((execution) => [execution.executionId, execution]));
  const others = executions.filter((execution) => !members.has(execution.executionId));
  const isLate = (id: ExecutionId) => (known.get(id)?.startedAt ?? first.at) > first.at;
  const passedBy = others.filter((other) => wasPassedBy(other, first.at, last.at)).map((other) => other.executionId);
  const plan: CancelPlan = {
    requested,
    targets: records.filter(({ executionId }) => !isLate(executionId)).map((record) => targetOf(record, known)),
    ended: others.filter((other) => hadEnded(other, first.at)).map((other) => endedOf(other, requested)),
    unknown: [],
    ...(passedBy.length > 0 ? { leftOut: { ids: passedBy, live: [] } } : {}),
  };
  const report: CancelReport = {
    request,
    plan,
    outcomes: [
      ...records.map((record) => outcomeOf(record, isLate(record.executionId))),
      ...others.filter((other) => lostRace(other, first.at, last.at)).map((other) => raceOf(other, requested)),
    ],
    startedAt: first.at,
    finishedAt: last.at,
    interrupted: false,
    sweepProblem: null,
  };
  return { report, follow: await lookAtRun(store, report, signal) };
}

const rootOf = (record: CancellationRecord): ExecutionId => record.parentCancelId ?? record.executionId;

const hadEnded = ({ status, endedAt }: Execution, at: EpochMs): boolean =>
  status !== 'RUNNING' && endedAt !== null && endedAt <= at;

/** Ended while the batch was written, by something else: the batch planned to cancel it and came second. */
const lostRace = ({ status, startedAt, endedAt }: Execution, first: EpochMs, last: EpochMs): boolean =>
  status !== 'RUNNING' && endedAt !== null && endedAt > first && endedAt <= last && (startedAt ?? first) <= first;

/**
 * Ran before the batch and after it: left out by the operator, resumed, or not written to for a reason that leaves no
 * row. It did not begin under the cancel, so that it proves nothing of what the batch stopped.
 */
const wasPassedBy = ({ status, startedAt, endedAt }: Execution, first: EpochMs, last: EpochMs): boolean =>
  startedAt !== null && startedAt <= first && (status === 'RUNNING' || (endedAt !== null && endedAt > last));

const ownRoot = (id: ExecutionId, requested: readonly ExecutionId[]): ExecutionId =>
  requested.includes(id) ? id : (requested[0] ?? id);

function targetOf(record: CancellationRecord, known: ReadonlyMap<ExecutionId, Execution>): CancelTarget {
  const execution = known.get(record.executionId);
  return {
    executionId: record.executionId,
    rootId: rootOf(record),
    parentExecutionId: execution?.parentExecutionId ?? null,
    stack: execution?.stack ?? null,
    layout: execution?.stack === 'python' ? 'database' : 'rust',
    path: execution?.path ?? record.path,
    depth: record.parentCancelId === null ? 0 : 1,
  };
}

const outcomeOf = (record: CancellationRecord, late: boolean): CancelOutcome => ({
  kind: 'cancelled',
  executionId: record.executionId,
  rootId: rootOf(record),
  eventId: record.eventId,
  at: record.at,
  late,
});

const endedOf = (execution: Execution, requested: readonly ExecutionId[]): CancelPlan['ended'][number] => ({
  executionId: execution.executionId,
  rootId: ownRoot(execution.executionId, requested),
  as: execution.status === 'RUNNING' ? 'CANCELLED' : execution.status,
  endedAt: execution.endedAt,
  depth: requested.includes(execution.executionId) ? 0 : 1,
});

const raceOf = (execution: Execution, requested: readonly ExecutionId[]): CancelOutcome => ({
  kind: 'ended',
  executionId: execution.executionId,
  rootId: ownRoot(execution.executionId, requested),
  as: execution.status === 'RUNNING' ? 'CANCELLED' : execution.status,
  lostRace: true,
  endedBy: null,
});

/** One look at all that a run cancelled, late children of its tree included. */
async function lookAtRun(store: FollowStore, report: CancelReport, signal?: AbortSignal): Promise<FollowSnapshot> {
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
