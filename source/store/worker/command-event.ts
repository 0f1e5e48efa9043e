import { CANCELLED_TYPES, COMMAND_TYPES } from '../../domain/event-types.js';
import { consoleSnowflake, SNOWFLAKE_EPOCH_MS } from '../../domain/snowflake.js';
import { decideWorkerEvent, type WorkerEvent, type WorkerEventResult } from '../../domain/worker-protocol.js';
import { lockExecutions } from '../cancellations/append.js';
import type { Tables } from '../connection/tables.js';
import { epochMs, type Sql } from '../sql.js';

export interface CommandHistoryRow {
  event_id: string;
  event_type: string;
  node_name: string | null;
  worker: string | null;
  at: number;
}

/** One command's events, through the partial index on meta->>'command_id'. */
export function commandHistory(tables: Tables, executionId: string, commandId: string): Sql<CommandHistoryRow> {
  return {
    name: 'command-history',
    text: `SELECT e.* FROM unnest($2::text[]) AS k (type) CROSS JOIN LATERAL (
    SELECT x.event_id::text, x.event_type, x.node_name, coalesce(x.worker_id, x.meta->>'worker_id') AS worker,
      ${epochMs('x.created_at')} AS at
    FROM ${tables.event} x
    WHERE x.execution_id = $1::bigint AND x.event_type = k.type
      AND x.meta ? 'command_id' AND x.meta->>'command_id' = $3 OFFSET 0
  ) e`,
    values: [executionId, COMMAND_TYPES, commandId],
  };
}

/**
 * One command's events where they do not name it in meta (Python's rows): by the column command_id, which older
 * installations lack (hence the detour through the row as JSON), else by node_name. Reads all the execution's command
 * events, so it is asked only where `commandHistory` found none.
 */
export function unnamedCommandHistory(tables: Tables, executionId: string, commandId: string): Sql<CommandHistoryRow> {
  return {
    name: 'unnamed-command-history',
    text: `SELECT x.event_id::text, x.event_type, x.node_name, coalesce(x.worker_id, x.meta->>'worker_id') AS worker,
    ${epochMs('x.created_at')} AS at
  FROM ${tables.event} x
  WHERE x.execution_id = $1::bigint AND x.event_type = ANY($2::text[]) AND (x.meta ? 'command_id') IS NOT TRUE
    AND coalesce(to_jsonb(x)->>'command_id', x.node_name) = $3`,
    values: [executionId, COMMAND_TYPES, commandId],
  };
}

/** Whether a cancel is in the log: an index-only probe a type. */
export function isCancelled(tables: Tables, executionId: string): Sql<{ cancelled: boolean }> {
  return {
    name: 'is-cancelled',
    text: `SELECT EXISTS (SELECT FROM unnest($2::text[]) AS k (type) CROSS JOIN LATERAL (
    SELECT 1 FROM ${tables.event} e WHERE e.execution_id = $1::bigint AND e.event_type = k.type LIMIT 1) f) AS cancelled`,
    values: [executionId, CANCELLED_TYPES],
  };
}

/**
 * Appends a worker's event; no row comes back when no event names the execution. The event id is settled in the
 * statement: the time by the database's clock in the layout of the execution's newest id (the one whose time is nearer
 * to that row's created_at, as domain/snowflake has it), and above that id whatever the clocks say.
 */
export function appendWorkerEvent(
  tables: Tables,
  event: WorkerEvent,
  hasPrevEventId: boolean,
): Sql<{ event_id: string }> {
  return {
    name: 'append-worker-event',
    text: `WITH last AS (
    SELECT e.execution_id, e.event_id, e.catalog_id, e.tenant_id, e.organization_id,
      abs((e.event_id >> 22) + $11::bigint - ${epochMs('e.created_at')})
        < abs((e.event_id >> 23) + $11::bigint - ${epochMs('e.created_at')}) AS is_rust,
      greatest(0, (extract(epoch from clock_timestamp()) * 1000)::bigint - $11::bigint) AS ms
    FROM ${tables.event} e WHERE e.execution_id = $1::bigint ORDER BY e.event_id DESC LIMIT 1
  )
  INSERT INTO ${tables.event} (execution_id, event_id, ${hasPrevEventId ? 'prev_event_id, ' : ''}catalog_id, created_at,
    event_type, node_id, node_name, status, worker_id, meta, context, tenant_id, organization_id)
  SELECT l.execution_id,
    greatest(l.event_id + 1, CASE WHEN l.is_rust THEN (l.ms << 22) | $9::bigint ELSE (l.ms << 23) | $10::bigint END),
    ${hasPrevEventId ? 'l.event_id,' : ''} l.catalog_id, clock_timestamp() AT TIME ZONE 'UTC',
    $2, $3, $3, $4, $5, $6::jsonb || jsonb_build_object('command_id', $8::text), $7::jsonb, l.tenant_id, l.organization_id
  FROM last l WHERE l.event_id < 9223372036854775800
  RETURNING event_id::text`,
    values: [
      event.executionId,
      event.eventType,
      event.step,
      event.status,
      event.workerId,
      JSON.stringify(event.meta),
      event.context === null ? null : JSON.stringify(event.context),
      event.commandId,
      consoleSnowflake(SNOWFLAKE_EPOCH_MS, 'rust').toString(),
      consoleSnowflake(SNOWFLAKE_EPOCH_MS, 'database').toString(),
      SNOWFLAKE_EPOCH_MS,
    ],
  };
}

/** Runs a statement in an open READ COMMITTED transaction. */
type Run = <Row>(sql: Sql<Row>) => Promise<Row[]>;

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
  let history = await run(commandHistory(tables, executionId, commandId));
  if (history.length === 0) history = await run(unnamedCommandHistory(tables, executionId, commandId));
  const [execution] = await run(isCancelled(tables, executionId));
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
  const [written] = await run(appendWorkerEvent(tables, event, hasPrevEventId));
  return written ? { kind: 'appended', eventId: written.event_id } : { kind: 'unknown-execution' };
}
