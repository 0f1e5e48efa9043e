import { CANCELLED_TYPES, COMPLETED_TYPES, FAILED_TYPES, TERMINAL_TYPES } from '../../domain/event-types.js';
import { compareIds, type ExecutionId } from '../../domain/execution-id.js';
import { executionStatus, terminalStatusOf } from '../../domain/execution-status.js';
import type { CancellationVerdict } from '../../domain/worker-protocol.js';
import type { Tables } from '../connection/tables.js';
import type { Sql } from '../sql.js';

export interface CancellationCheckRow {
  /** Types of the terminal events there are; empty while nothing has ended the execution. */
  terminal_types: string[];
  /** Null when no event names the execution. */
  latest_type: string | null;
}

/**
 * The workers' hot path: an index-only probe of (execution_id, event_type, event_id DESC) for each terminal type, and one
 * row from (execution_id, event_id DESC) for the newest event. One probe a type, not `= ANY`: where the statistics lag
 * behind a long execution the planner takes that for a handful of rows and reads the whole execution. An unnamed
 * statement is planned with its values, so only one partition is opened.
 */
export function cancellationCheck(tables: Tables, executionId: string): Sql<CancellationCheckRow> {
  return {
    name: 'cancellation-check',
    text: `SELECT ARRAY(SELECT k.type FROM unnest($2::text[]) AS k (type) CROSS JOIN LATERAL (
      SELECT 1 FROM ${tables.event} t WHERE t.execution_id = $1::bigint AND t.event_type = k.type LIMIT 1) f) AS terminal_types,
  (SELECT e.event_type FROM ${tables.event} e
    WHERE e.execution_id = $1::bigint ORDER BY e.event_id DESC LIMIT 1) AS latest_type`,
    values: [executionId, TERMINAL_TYPES],
  };
}

/**
 * The same for many executions in one statement. Planning over many partitions costs more than the probes, so this pays
 * from a handful of ids on; the bounds let the planner leave out the partitions that none of them is in.
 */
export function cancellationChecks(
  tables: Tables,
  executionIds: readonly string[],
): Sql<CancellationCheckRow & { execution_id: string }> {
  const sorted = [...executionIds].sort(compareIds);
  const within = (alias: string) =>
    `${alias}.execution_id = i.id AND ${alias}.execution_id BETWEEN $3::bigint AND $4::bigint`;
  return {
    name: 'cancellation-checks',
    text: `SELECT i.id::text AS execution_id,
  ARRAY(SELECT k.type FROM unnest($2::text[]) AS k (type) CROSS JOIN LATERAL (
      SELECT 1 FROM ${tables.event} t WHERE ${within('t')} AND t.event_type = k.type LIMIT 1) f) AS terminal_types,
  (SELECT e.event_type FROM ${tables.event} e WHERE ${within('e')} ORDER BY e.event_id DESC LIMIT 1) AS latest_type
  FROM unnest($1::bigint[]) AS i (id)`,
    values: [sorted, TERMINAL_TYPES, sorted[0] ?? '0', sorted.at(-1) ?? '0'],
  };
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
