import type { Execution } from '../../domain/execution.js';
import type { Diagnosis } from '../../domain/staleness/staleness-types.js';
import type { FeedEvent } from '../../store/event-store.js';

/** Whether an event id is greater than another. */
export const isAfter = (left: string, right: string): boolean =>
  left.length === right.length ? left > right : left.length > right.length;

/**
 * Whether a read of an execution says something that is not known of it. New events are read while a long read is under
 * way, so what it brings may be older: the log only grows, and an end or a parent once seen is not taken back.
 */
export function isNews(before: Execution, after: Execution): boolean {
  if (isAfter(before.lastEvent.eventId, after.lastEvent.eventId)) return false;
  return (
    before.lastEvent.eventId !== after.lastEvent.eventId ||
    before.ends.length < after.ends.length ||
    before.path !== after.path ||
    (after.parentExecutionId !== null && before.parentExecutionId !== after.parentExecutionId)
  );
}

export function sameDiagnosis(a: Diagnosis | null, b: Diagnosis | null): boolean {
  return a?.code === b?.code && a?.safe === b?.safe && a?.evidence.sentence === b?.evidence.sentence;
}

/** An event as the newest one of its execution. */
export const lastOf = ({ eventId, type, node, status, workerId, at }: FeedEvent): Execution['lastEvent'] => ({
  eventId,
  type,
  node,
  status,
  workerId,
  at,
});
