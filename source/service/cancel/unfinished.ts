import type { CancelPlan } from '../../domain/cancellation.js';
import type { CancelWriter } from '../../store/cancellations/cancel-writer.js';
import { type PlanStore, targetOf } from './cancel-plan.js';

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
    .map((execution) => targetOf(execution, places.get(execution.executionId)!))
    .sort((a, b) => a.depth - b.depth);
  const again = new Set(found.map((target) => target.executionId));
  return {
    ...plan,
    targets: [...found, ...plan.targets],
    ended: plan.ended.filter((ended) => !again.has(ended.executionId)),
  };
}
