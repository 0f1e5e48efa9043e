import type { CancelOutcome, CancelPlan, CancelRequest } from '../../domain/cancellation.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import { isSettled, type StopState } from '../../domain/stopping/stopping.js';
import type { CancelProgress, CancelReport } from '../../service/cancel/cancel.js';
import type { FollowSnapshot } from '../../service/follow/follow-run.js';
import type { BatchFromLog } from '../../service/report/batch-report.js';

/**
 * How far a batch has come. `following`: written, watched until it has settled. `done`: nothing more is coming.
 * `failed`: the write could not even begin, or broke off for a reason that concerns all of it.
 */
export type BatchPhase = 'writing' | 'sweeping' | 'following' | 'done' | 'failed';

/** One batch of cancels, from the operator's confirm on. */
export interface Batch {
  /** The request's batch id. */
  readonly id: string;
  readonly request: CancelRequest;
  readonly plan: CancelPlan;
  /** By this process's clock. */
  readonly startedAt: number;
  readonly phase: BatchPhase;
  /** True from the stop key on. */
  readonly stopping: boolean;
  readonly done: number;
  readonly total: number;
  readonly outcomes: ReadonlyMap<ExecutionId, CancelOutcome>;
  readonly report: CancelReport | null;
  readonly stops: ReadonlyMap<ExecutionId, StopState>;
  /** The follow-up's last word. */
  readonly follow: FollowSnapshot | null;
  /** True when following ended before everything had settled. */
  readonly followEnded: boolean;
  readonly problem: string | null;
  /** True where it was read from the log: of an earlier session, or of another operator. */
  readonly fromLog: boolean;
  /** Playbooks as far as they are known: of the plan at once, of what was found later once it was asked for. */
  readonly paths: ReadonlyMap<ExecutionId, string | null>;
}

export type BatchAction =
  | { readonly type: 'progress'; readonly progress: CancelProgress }
  | { readonly type: 'finished'; readonly report: CancelReport }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'stopping' }
  | { readonly type: 'followed'; readonly snapshot: FollowSnapshot }
  | { readonly type: 'follow-ended'; readonly problem: string | null }
  | { readonly type: 'follow-again' }
  | { readonly type: 'named'; readonly paths: ReadonlyMap<ExecutionId, string | null> };

export const newBatch = (request: CancelRequest, plan: CancelPlan, startedAt: number): Batch => ({
  id: request.batchId,
  request,
  plan,
  startedAt,
  phase: 'writing',
  stopping: false,
  done: 0,
  total: plan.targets.length,
  outcomes: new Map(),
  report: null,
  stops: new Map(),
  follow: null,
  followEnded: false,
  problem: null,
  fromLog: false,
  paths: new Map(plan.targets.map((target) => [target.executionId, target.path])),
});

/** A batch as the log shows it. */
export const batchFromLog = ({ report, follow }: BatchFromLog): Batch => ({
  ...batchReducer(batchReducer(newBatch(report.request, report.plan, report.startedAt), { type: 'finished', report }), {
    type: 'followed',
    snapshot: follow,
  }),
  phase: 'done',
  followEnded: !follow.allSettled,
  fromLog: true,
});

const withOutcomes = (batch: Batch, latest: readonly CancelOutcome[]): Batch['outcomes'] => {
  if (latest.length === 0) return batch.outcomes;
  const outcomes = new Map(batch.outcomes);
  for (const outcome of latest) outcomes.set(outcome.executionId, outcome);
  return outcomes;
};

export const cancelledIn = (batch: Batch): ExecutionId[] =>
  [...batch.outcomes.values()].filter((outcome) => outcome.kind === 'cancelled').map((outcome) => outcome.executionId);

/** What a batch becomes. */
export function batchReducer(batch: Batch, action: BatchAction): Batch {
  switch (action.type) {
    case 'progress': {
      const { progress } = action;
      return {
        ...batch,
        phase: progress.phase,
        done: progress.done,
        total: Math.max(progress.total, progress.done),
        outcomes: withOutcomes(batch, progress.latest),
      };
    }
    case 'finished': {
      const outcomes = withOutcomes(batch, action.report.outcomes);
      const next = { ...batch, outcomes, report: action.report, stopping: false };
      const any = cancelledIn(next).length > 0;
      return { ...next, phase: any ? 'following' : 'done', done: next.total };
    }
    case 'failed':
      return { ...batch, phase: 'failed', stopping: false, problem: action.message };
    case 'stopping':
      return { ...batch, stopping: true };
    case 'followed': {
      const stops = new Map(action.snapshot.states.map((state) => [state.executionId, state]));
      return { ...batch, stops, follow: action.snapshot };
    }
    case 'follow-ended':
      return {
        ...batch,
        phase: 'done',
        followEnded: batch.follow?.allSettled !== true,
        problem: action.problem ?? batch.problem,
      };
    case 'follow-again':
      return { ...batch, phase: 'following', followEnded: false, problem: null };
    case 'named':
      return { ...batch, paths: new Map([...batch.paths, ...action.paths]) };
  }
}

/** How many executions of a batch are in which state. */
export interface BatchTally {
  readonly cancelled: number;
  readonly ended: number;
  readonly resumed: number;
  readonly unknown: number;
  readonly failed: number;
  /** Lost their connection during the commit: written or not. */
  readonly outcomeUnknown: number;
  readonly notAttempted: number;
  readonly late: number;
  /** Of those that this batch cancelled, and of no others. */
  readonly stopped: number;
  readonly abandoned: number;
  readonly draining: number;
  readonly stillEmitting: number;
  /** Children that began after the cancel and that this batch did not cancel; and how many of them have not ended. */
  readonly begunLater: number;
  readonly begunLaterOpen: number;
}

/** True for what the follow-up found under a cancelled parent and this batch did not cancel. */
export const isBegunLater = (batch: Batch, id: ExecutionId): boolean =>
  batch.stops.has(id) && batch.outcomes.get(id)?.kind !== 'cancelled';

export function tally(batch: Batch): BatchTally {
  const count = {
    cancelled: 0,
    ended: 0,
    resumed: 0,
    unknown: 0,
    failed: 0,
    outcomeUnknown: 0,
    notAttempted: 0,
    late: 0,
  };
  for (const outcome of batch.outcomes.values()) {
    if (outcome.kind === 'not-attempted') count.notAttempted += 1;
    else if (outcome.kind === 'outcome-unknown') count.outcomeUnknown += 1;
    else if (outcome.kind === 'resumed') count.resumed += 1;
    else count[outcome.kind] += 1;
    if (outcome.kind === 'cancelled' && outcome.late) count.late += 1;
  }
  const stops = { stopped: 0, abandoned: 0, draining: 0, stillEmitting: 0, begunLater: 0, begunLaterOpen: 0 };
  for (const [id, { phase }] of batch.stops) {
    if (isBegunLater(batch, id)) {
      stops.begunLater += 1;
      if (!isSettled(phase)) stops.begunLaterOpen += 1;
    } else if (phase === 'stopped') stops.stopped += 1;
    else if (phase === 'abandoned') stops.abandoned += 1;
    else if (phase === 'draining') stops.draining += 1;
    else if (phase === 'still-emitting') stops.stillEmitting += 1;
  }
  return { ...count, ...stops };
}

export const isBusy = (batch: Batch): boolean => batch.phase === 'writing' || batch.phase === 'sweeping';

const cache = new WeakMap<Batch, readonly ExecutionId[]>();

/** The executions of a batch in the order of its screen: as planned, then what was found late, then what had ended. */
export function batchExecutionIds(batch: Batch): readonly ExecutionId[] {
  const known = cache.get(batch);
  if (known) return known;
  const ids = new Set(batch.plan.targets.map((target) => target.executionId));
  for (const id of batch.outcomes.keys()) ids.add(id);
  for (const id of batch.stops.keys()) ids.add(id);
  for (const ended of batch.plan.ended) ids.add(ended.executionId);
  for (const id of batch.plan.unknown) ids.add(id);
  const lines = [...ids];
  cache.set(batch, lines);
  return lines;
}
