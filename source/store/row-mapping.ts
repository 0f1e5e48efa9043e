import { stackOfStartType } from '../domain/event-types.js';
import type { Execution } from '../domain/execution.js';
import { executionStatus, terminalStatusOf } from '../domain/execution-status.js';
import type { CancellationRow } from './cancellations/statements.js';
import type { CancellationRecord, EventDetail, FeedEvent } from './event-store.js';
import type { ExecutionRow } from './executions/statements.js';
import type { FeedRow } from './feed/statements.js';
import type { EventRow } from './timeline/statements.js';

/** Rows become domain values here and nowhere else. */
export function mapExecution(row: ExecutionRow): Execution {
  const types = row.terminal_types ?? [];
  const verdict = executionStatus(types);
  const deciding = types.findIndex((type) => terminalStatusOf(type) === verdict.status);
  return {
    executionId: row.execution_id,
    path: row.path,
    version: row.version,
    catalogId: row.catalog_id,
    parentExecutionId: row.parent_execution_id,
    stack: stackOfStartType(row.start_type),
    status: verdict.status,
    ends: verdict.ends,
    startedAt: row.started_at,
    endedAt: deciding < 0 ? null : (row.terminal_times?.[deciding] ?? null),
    lastEvent: {
      eventId: row.last_event_id,
      type: row.last_type ?? '',
      node: row.last_node,
      status: row.last_status,
      workerId: row.last_worker,
      at: row.last_at,
    },
  };
}

export function mapEvent(row: EventRow, payloads: boolean): EventDetail {
  return {
    eventId: row.event_id,
    type: row.event_type ?? '',
    node: row.node_name,
    nodeType: row.node_type,
    status: row.status,
    workerId: row.worker,
    commandId: row.command_id,
    durationMs: row.duration === null ? null : row.duration * 1000,
    error: row.error,
    at: row.at,
    payload: payloads ? { context: row.context ?? null, result: row.result ?? null, meta: row.meta ?? null } : null,
  };
}

export function mapFeedEvent(row: FeedRow): FeedEvent {
  return {
    executionId: row.execution_id,
    eventId: row.event_id,
    type: row.event_type ?? '',
    node: row.node_name,
    status: row.status,
    workerId: row.worker,
    at: row.at,
    parentExecutionId: row.parent_execution_id,
    catalogId: row.catalog_id,
  };
}

/** One record an execution from its cancel rows, newest first; `execution.cancelled` is the row that workers obey. */
export function mapCancellations(rows: readonly CancellationRow[], limit: number): CancellationRecord[] {
  const chosen = new Map<string, CancellationRow>();
  for (const row of rows) {
    const before = chosen.get(row.execution_id);
    if (!before || (before.event_type !== 'execution.cancelled' && row.event_type === 'execution.cancelled')) {
      chosen.set(row.execution_id, row);
    }
  }
  return [...chosen.values()].slice(0, limit).map((row) => ({
    executionId: row.execution_id,
    path: row.path,
    at: row.at,
    eventId: row.event_id,
    reason: row.reason,
    cancelledBy: row.cancelled_by,
    cascade: row.cascade === null ? null : row.cascade === 'true',
    parentCancelId: row.parent_cancel_id,
    batchId: row.batch_id,
    source: row.source,
  }));
}
