import type { CancelOutcome, CancelPath, CancelPlan, CancelTarget } from '../../domain/cancellation.js';
import type { CancelWriter } from '../../store/cancellations/cancel-writer.js';
import type { StoreError } from '../../store/errors.js';
import type { AppendResult } from '../../store/event-store.js';
import { type PlanStore, targetOf } from './cancel-plan.js';

const whoOf = ({ executionId, rootId }: CancelTarget) => ({ executionId, rootId });

export const failed =
  (failure: StoreError) =>
  (target: CancelTarget): CancelOutcome => ({ kind: 'failed', ...whoOf(target), message: failure.message });

/** What a plan could not read is not done, and says why. */
export const unreadOf = ({ unread = [] }: CancelPlan): CancelOutcome[] =>
  unread.map((one) => ({ kind: 'failed', ...one }));

export const outcomeUnknown =
  (failure: StoreError) =>
  (target: CancelTarget): CancelOutcome => ({
    kind: 'outcome-unknown',
    ...whoOf(target),
    message: failure.message,
  });

export const notAttempted = (target: CancelTarget): CancelOutcome => ({ kind: 'not-attempted', ...whoOf(target) });

export function fromResult(
  result: AppendResult | undefined,
  target: CancelTarget,
  how: { readonly late: boolean; readonly via: CancelPath },
): CancelOutcome {
  const who = whoOf(target);
  switch (result?.kind) {
    case 'appended':
      return { ...who, kind: 'cancelled', eventId: result.eventId, at: result.at, ...how };
    case 'ended':
      return { ...who, kind: 'ended', as: result.as, lostRace: true, endedBy: result.endedBy };
    case 'resumed':
      return { ...who, kind: 'resumed', lastEventAt: result.lastEventAt };
    case 'failed':
    case 'outcome-unknown':
      return { ...who, kind: result.kind, message: result.message };
    case 'not-attempted':
      return { ...who, kind: 'not-attempted' };
    case 'unknown':
      return { ...who, kind: 'unknown' };
    case undefined:
      return { ...who, kind: 'failed', message: `no answer for execution ${target.executionId}` };
  }
}

/**
 * The plan with half-written cancels among its targets again. They come first: their drive has stopped already, and what
 * is left to do is to close their claims.
 */
export async function withUnfinished(
  plan: CancelPlan,
  store: Pick<PlanStore, 'executionsById'>,
  writer: CancelWriter,
  signal: AbortSignal | undefined,
): Promise<CancelPlan> {
  const cancelled = plan.ended.filter((ended) => ended.as === 'CANCELLED');
  if (!writer.unfinished || cancelled.length === 0) return plan;
  const ids = await writer.unfinished(
    cancelled.map((ended) => ended.executionId),
    signal,
  );
  if (ids.size === 0) return plan;
  const places = new Map(cancelled.map((ended) => [ended.executionId, ended]));
  const { executions } = await store.executionsById([...ids], signal ? { signal } : {});
  const found = executions
    // Only what has a place was asked for.
    .map((execution) => ({ ...targetOf(execution, places.get(execution.executionId)!), level: 0 }))
    .sort((a, b) => a.depth - b.depth);
  const again = new Set(found.map((target) => target.executionId));
  return {
    ...plan,
    targets: [...found, ...plan.targets],
    ended: plan.ended.filter((ended) => !again.has(ended.executionId)),
  };
}
