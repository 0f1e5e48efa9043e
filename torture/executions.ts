import type pg from 'pg';
import { type EventRow, nextIdAt, writeEvents } from '../test/helpers/database.js';

/** Executions at work, of both stacks by turns, each with one command that a worker has claimed. */
export async function runningExecutions(
  pool: pg.Pool,
  count: number,
  parentOf: (index: number, ids: readonly string[]) => string | null = () => null,
  agoMs = 60_000,
): Promise<string[]> {
  const ids: string[] = [];
  const rows: EventRow[] = [];
  const at = Date.now() - agoMs;
  for (let index = 0; index < count; index++) {
    const stack = index % 2 === 0 ? ('rust' as const) : ('database' as const);
    const execution_id = nextIdAt(at, stack);
    const parent_execution_id = parentOf(index, ids);
    ids.push(execution_id);
    const start = stack === 'rust' ? 'playbook_started' : 'playbook.initialized';
    const command = { execution_id, node_name: 'load', meta: { command_id: `${execution_id}:load` }, layout: stack };
    rows.push(
      { execution_id, parent_execution_id, event_type: start, created_at: at },
      { ...command, event_type: 'command.issued', status: 'PENDING', created_at: at + 1 },
      { ...command, event_type: 'command.claimed', status: 'RUNNING', worker_id: 'worker-1', created_at: at + 2 },
    );
  }
  await writeEvents(pool, rows);
  return ids;
}

/** Every execution that has no terminal event. */
export async function liveIn(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    `SELECT execution_id::text AS id FROM noetl.event GROUP BY execution_id HAVING NOT bool_or(
      event_type ~ '^(playbook|workflow)[._](completed|failed|cancelled)$' OR event_type = 'execution.cancelled')`,
  );
  return rows.map(({ id }) => id);
}

/** Ends executions one after another as an engine does: without the console's lock, on a connection of its own. */
export async function finishAll(pool: pg.Pool, ids: readonly string[]): Promise<string[]> {
  const finished: string[] = [];
  for (const id of ids) {
    const { rowCount } = await pool.query(
      `INSERT INTO noetl.event (execution_id, event_id, catalog_id, created_at, event_type, node_name, status)
        SELECT execution_id, max(event_id) + 1, min(catalog_id), clock_timestamp() AT TIME ZONE 'UTC',
          'playbook.completed', 'playbook', 'COMPLETED'
        FROM noetl.event e WHERE execution_id = $1 GROUP BY 1
        HAVING NOT bool_or(event_type = 'execution.cancelled')
        ON CONFLICT DO NOTHING`,
      [id],
    );
    if (rowCount) finished.push(id);
  }
  return finished;
}
