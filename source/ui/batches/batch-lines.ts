import type { ExecutionId } from '../../domain/execution-id.js';
import type { Job } from './batch-state.js';

const cache = new WeakMap<Job, readonly ExecutionId[]>();

/** The executions of a batch in the order of its screen: as planned, then what was found late, then what had ended. */
export function jobLineIds(job: Job): readonly ExecutionId[] {
  const known = cache.get(job);
  if (known) return known;
  const ids = new Set(job.plan.targets.map((target) => target.executionId));
  for (const id of job.outcomes.keys()) ids.add(id);
  for (const id of job.stops.keys()) ids.add(id);
  for (const ended of job.plan.ended) ids.add(ended.executionId);
  for (const id of job.plan.unknown) ids.add(id);
  const lines = [...ids];
  cache.set(job, lines);
  return lines;
}
