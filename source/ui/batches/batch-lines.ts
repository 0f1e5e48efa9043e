import type { ExecutionId } from '../../domain/execution-id.js';
import type { Batch } from './batch-state.js';

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
