import type pg from 'pg';
import { quoteIdentifier } from '../schema.js';
import { type EventRecord, toJson } from './event-row.js';

/** How many commands the reaper hands on in one of its cycles. Source: event-store.md, `noetl.runtime`. */
const REAPED_AT_MOST = 100;
/** What a claim, a start and an end make of a Python command's row. */
const STATUS: Readonly<Record<string, string>> = {
  'command.claimed': 'CLAIMED',
  'command.started': 'RUNNING',
  'command.completed': 'COMPLETED',
  'command.failed': 'FAILED',
  'command.cancelled': 'CANCELLED',
};

const commandTable = (schemaName: string): string => `${quoteIdentifier(schemaName)}.command`;
const RECORD = `(execution_id bigint, event_id bigint, catalog_id bigint, parent_execution_id bigint, command_id bigint,
  node_name text, node_type text, context jsonb, meta jsonb, current_index int, created_at timestamp)`;

/**
 * Brings `noetl.command` up to these new events. Both stacks' servers write the row as they issue; Python's updates it
 * ever after, Rust's never does. A Rust row has an id of its own, and meta names the command as the event does.
 */
export async function projectCommands(
  client: pg.ClientBase,
  schemaName: string,
  records: readonly EventRecord[],
): Promise<void> {
  const issued = records.filter(({ event_type }) => event_type === 'command.issued');
  if (issued.length > 0)
    await client.query(
      `INSERT INTO ${commandTable(schemaName)} (command_id, event_id, execution_id, catalog_id, parent_execution_id, step_name,
          tool_kind, context, meta, iter_index, loop_event_id, latest_event_id, created_at, updated_at)
        SELECT coalesce(command_id, event_id), event_id, execution_id, catalog_id, parent_execution_id, node_name, node_type,
          context, meta, current_index, meta->>'loop_event_id', event_id, created_at AT TIME ZONE 'UTC', created_at AT TIME ZONE 'UTC'
        FROM jsonb_to_recordset($1::jsonb) AS r ${RECORD}`,
      [toJson(issued)],
    );
  const moved = records.flatMap(({ execution_id, event_type, worker_id, meta, created_at, error }) => {
    const status = STATUS[event_type];
    const command = meta?.command_id;
    if (!status || typeof command !== 'bigint') return [];
    return [{ execution_id, command_id: command.toString(), status, worker_id, created_at, error }];
  });
  if (moved.length > 0)
    await client.query(
      `UPDATE ${commandTable(schemaName)} c SET status = m.status, worker_id = coalesce(m.worker_id, c.worker_id),
          claimed_at = CASE m.status WHEN 'CLAIMED' THEN m.at ELSE c.claimed_at END,
          started_at = CASE m.status WHEN 'RUNNING' THEN m.at ELSE c.started_at END,
          completed_at = CASE WHEN m.status IN ('COMPLETED', 'FAILED', 'CANCELLED') THEN m.at ELSE c.completed_at END,
          error = coalesce(m.error, c.error), updated_at = m.at
        FROM (SELECT *, created_at AT TIME ZONE 'UTC' AS at FROM jsonb_to_recordset($1::jsonb)
          AS r (execution_id bigint, command_id bigint, status text, worker_id text, created_at timestamp, error text)) m
        WHERE c.execution_id = m.execution_id AND c.command_id = m.command_id`,
      [JSON.stringify(moved)],
    );
}

/** The row of the drive's own meta-command, which the Rust server writes each time it drives an execution: no event. */
export async function writeDrive(
  client: pg.ClientBase,
  schemaName: string,
  drive: { commandId: bigint; executionId: string; catalogId: string; eventId: string },
): Promise<void> {
  await client.query(
    `INSERT INTO ${commandTable(schemaName)} (command_id, event_id, execution_id, catalog_id, step_name, tool_kind, meta, latest_event_id)
      VALUES ($1::bigint, $4::bigint, $2::bigint, $3::bigint, '__orchestrate__', 'system', '{"system": true}', $4::bigint)`,
    [drive.commandId.toString(), drive.executionId, drive.catalogId, drive.eventId],
  );
}

/** Both kinds of rows for a whole history. Commands of workers that are long gone are missing: the projection lags. */
export async function seedCommands(
  client: pg.ClientBase,
  schemaName: string,
  goneWorkers: readonly string[],
): Promise<void> {
  const table = commandTable(schemaName);
  const events = `${quoteIdentifier(schemaName)}.event`;
  await client.query(
    `INSERT INTO ${table} (command_id, event_id, execution_id, catalog_id, parent_execution_id, step_name, tool_kind, status,
        worker_id, claimed_at, started_at, completed_at, context, meta, iter_index, loop_event_id, latest_event_id, created_at, updated_at)
      SELECT coalesce(i.command_id, i.event_id), i.event_id, i.execution_id, i.catalog_id, i.parent_execution_id, i.node_name,
        i.node_type, CASE WHEN i.command_id IS NULL THEN 'PENDING' WHEN l.ended IS NOT NULL THEN 'COMPLETED'
          WHEN l.started IS NOT NULL THEN 'RUNNING' WHEN l.claimed IS NOT NULL THEN 'CLAIMED' ELSE 'PENDING' END,
        l.worker, l.claimed, l.started, l.ended, i.context, i.meta, i.current_index, i.meta->>'loop_event_id', i.event_id,
        i.event_time, coalesce(l.ended, l.started, l.claimed, i.event_time)
      FROM ${events} i LEFT JOIN (
        SELECT execution_id, meta->>'command_id' AS command, (array_agg(worker_id ORDER BY event_id DESC))[1] AS worker,
          max(event_time) FILTER (WHERE event_type = 'command.claimed') AS claimed,
          max(event_time) FILTER (WHERE event_type = 'command.started') AS started,
          max(event_time) FILTER (WHERE event_type IN ('command.completed', 'command.failed', 'command.cancelled')) AS ended
        FROM ${events} WHERE event_type LIKE 'command.%' AND event_type <> 'command.issued' AND command_id IS NOT NULL
          OR event_type = 'command.claimed' AND worker_id IS NOT NULL
        GROUP BY 1, 2
      ) l ON i.command_id IS NOT NULL AND l.execution_id = i.execution_id AND l.command = i.meta->>'command_id'
      WHERE i.event_type = 'command.issued' AND NOT coalesce(l.ended IS NULL AND l.worker = ANY($1), false)
      UNION ALL
      SELECT event_id, event_id, execution_id, catalog_id, NULL, '__orchestrate__', 'system', 'PENDING', NULL, NULL, NULL, NULL,
        NULL, '{"system": true}', NULL, NULL, event_id, event_time, event_time
      FROM ${events} WHERE event_type IN ('playbook_started', 'step.enter') AND worker_id IS NULL`,
    [goneWorkers],
  );
}

/**
 * What the command_reaper of the Python server publishes again: commands that have waited unclaimed for a minute, and those
 * whose worker is offline. It goes by its own projection, the oldest first.
 */
export async function reapable(pool: pg.Pool, schemaName: string): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    `SELECT command_id::text AS id FROM ${commandTable(schemaName)} WHERE jsonb_typeof(meta->'command_id') = 'number'
      AND (status = 'PENDING' AND created_at < now() - interval '60 s' OR status IN ('CLAIMED', 'RUNNING') AND worker_id IN (
        SELECT name FROM ${quoteIdentifier(schemaName)}.runtime WHERE kind = 'worker_pool' AND status = 'offline'))
      ORDER BY created_at LIMIT $1`,
    [REAPED_AT_MOST],
  );
  return rows.map(({ id }) => id);
}

/** Ends the rows of cancelled executions, so that the reaper leaves them alone. */
export async function closeCommands(pool: pg.Pool, schemaName: string, executionIds: readonly string[]): Promise<void> {
  if (executionIds.length === 0) return;
  await pool.query(
    `UPDATE ${commandTable(schemaName)} SET status = 'CANCELLED', completed_at = now(), updated_at = now()
      WHERE execution_id = ANY($1) AND status IN ('PENDING', 'CLAIMED', 'RUNNING') AND jsonb_typeof(meta->'command_id') = 'number'`,
    [executionIds],
  );
}
