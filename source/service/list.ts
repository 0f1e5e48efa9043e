import type { Execution } from '../domain/execution.js';
import type { ExecutionId } from '../domain/execution-id.js';
import { isSilent } from '../domain/execution-status.js';
import type { EventStore, ExecutionsAsOf, RecentFilter } from '../store/event-store.js';
import { compileGlob } from '../text/glob.js';

/** What a list is asked for. */
export interface ListFilter {
  /** running, stale, completed, failed, cancelled or all. */
  readonly status: string;
  /** A glob. */
  readonly path?: string;
  readonly parent?: ExecutionId;
  readonly since?: number;
  readonly limit: number;
  readonly staleAfterMs: number;
}

/** A list, and all executions that have not ended where those had to be read for it. */
export interface ListedExecutions extends ExecutionsAsOf {
  readonly active?: ExecutionsAsOf;
}

/**
 * The executions that a filter asks for, newest first. Those to end are few and read in one go; the table knows stale
 * from running only by the clock, so that is told apart here.
 */
export async function readList(
  store: Pick<EventStore, 'activeExecutions' | 'recentExecutions'>,
  filter: ListFilter,
  signal: AbortSignal,
): Promise<ListedExecutions> {
  if (filter.status !== 'running' && filter.status !== 'stale') {
    return store.recentExecutions(recentFilter(filter), { signal });
  }
  const active = await store.activeExecutions({ signal });
  const { executions, asOf } = active;
  const wanted = filter.status === 'stale';
  const path = filter.path === undefined ? null : compileGlob(filter.path);
  const found = executions.filter(
    (execution) =>
      isSilent(execution.lastEvent.at, asOf, filter.staleAfterMs) === wanted &&
      (path === null || (execution.path !== null && path(execution.path))) &&
      (filter.parent === undefined || execution.parentExecutionId === filter.parent) &&
      (filter.since === undefined || (execution.startedAt !== null && execution.startedAt >= filter.since)),
  );
  return { executions: newestFirst(found).slice(0, filter.limit), asOf, active };
}

export const newestFirst = (executions: readonly Execution[]): Execution[] =>
  [...executions].sort((a, b) => (b.startedAt ?? b.lastEvent.at) - (a.startedAt ?? a.lastEvent.at));

function recentFilter({ status, path, parent, since, limit }: ListFilter): RecentFilter {
  return {
    status: STORE_STATUS[status] ?? 'ALL',
    limit,
    path,
    parentExecutionId: parent,
    since,
  };
}

const STORE_STATUS: Readonly<Record<string, RecentFilter['status']>> = {
  completed: 'COMPLETED',
  failed: 'FAILED',
  cancelled: 'CANCELLED',
};
