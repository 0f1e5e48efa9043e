import { CANCELLED_TYPES, COMPLETED_TYPES, FAILED_TYPES } from '../../domain/event-types.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import { executionStatus, terminalStatusOf } from '../../domain/execution-status.js';
import { decideWorkerEvent } from '../../domain/worker-events.js';
import type { CancellationVerdict, WorkerEvent, WorkerEventResult } from '../../domain/worker-protocol.js';
import { lockExecutions } from '../cancellations/statements.js';
import type { Tables } from '../connection/tables.js';
import type { Sql } from '../sql.js';
import type { CancellationCheckRow } from './check-statement.js';
import {
  appendWorkerEvent,
  type CommandHistoryRow,
  commandHistory,
  isCancelled,
  unnamedCommandHistory,
} from './event-statements.js';

/** The workers' side of the event table. Every method throws StoreError and nothing else. */
export interface WorkerProtocolStore {
  /**
   * The hot path: one round trip on connections of its own, that began after the call. Null when no event names the
   * execution.
   */
  cancellationCheck(id: ExecutionId): Promise<CancellationVerdict | null>;
  /** Writes a worker's event under the lock that a cancel takes too, if it may be written (domain/worker-events). */
  appendCommandEvent(event: WorkerEvent): Promise<WorkerEventResult>;
}

const has = (types: readonly string[], among: readonly string[]) => types.some((type) => among.includes(type));

/** The verdict that a cancellation check's row holds. */
export function verdictOf(executionId: ExecutionId, row: CancellationCheckRow | undefined): CancellationVerdict | null {
  if (!row || row.latest_type === null) return null;
  const { status } = executionStatus(row.terminal_types);
  // Of the types that decide, `execution.cancelled` is the seed's own; Rust-born executions carry a second one.
  const deciding = row.terminal_types.filter((type) => terminalStatusOf(type) === status).sort()[0];
  return {
    executionId,
    status,
    eventType: deciding ?? row.latest_type,
    cancelled: has(row.terminal_types, CANCELLED_TYPES),
    completed: has(row.terminal_types, COMPLETED_TYPES),
    failed: has(row.terminal_types, FAILED_TYPES),
  };
}

/** Runs a statement in an open READ COMMITTED transaction. */
type Run = <Row extends Record<string, unknown>>(sql: Sql) => Promise<Row[]>;

/** Decides and writes inside the caller's transaction, which must be READ COMMITTED. */
export async function appendInTransaction(
  run: Run,
  tables: Tables,
  event: WorkerEvent,
  hasPrevEventId: boolean,
): Promise<WorkerEventResult> {
  // A statement of its own: what follows must see everything that was committed while this one waited.
  await run(lockExecutions([event.executionId]));
  const { executionId, commandId } = event;
  type Row = CommandHistoryRow & Record<string, unknown>;
  let history = await run<Row>(commandHistory(tables, executionId, commandId));
  if (history.length === 0) history = await run<Row>(unnamedCommandHistory(tables, executionId, commandId));
  const [execution] = await run<{ cancelled: boolean }>(isCancelled(tables, executionId));
  const known = history.map((row) => ({
    eventId: row.event_id,
    type: row.event_type,
    commandKey: commandId,
    node: row.node_name,
    workerId: row.worker,
    at: row.at,
  }));
  const decision = decideWorkerEvent(event, known, execution?.cancelled === true);
  if (decision.kind !== 'append') return decision;
  const [written] = await run<{ event_id: string }>(appendWorkerEvent(tables, event, hasPrevEventId));
  return written ? { kind: 'appended', eventId: written.event_id } : { kind: 'unknown-execution' };
}
