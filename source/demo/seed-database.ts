import type pg from 'pg';
import type { History } from './engine/history.js';
import { insertEvents } from './engine/insert-events.js';
import { DEAD_WORKERS, LIVE_WORKERS } from './engine/workers.js';
import { quoteIdentifier } from './schema.js';

/** Fills the empty tables with the past: playbooks, workers and events, in one transaction. */
export async function seedDatabase(client: pg.ClientBase, schemaName: string, history: History): Promise<void> {
  const schema = quoteIdentifier(schemaName);
  await client.query('BEGIN');
  await client.query(
    `INSERT INTO ${schema}.catalog (catalog_id, path, version, kind, created_at)
      SELECT * FROM jsonb_to_recordset($1::jsonb)
        AS r (catalog_id bigint, path text, version smallint, kind varchar, created_at timestamp)`,
    [JSON.stringify(history.catalog)],
  );
  await registerWorkers(client, schema);
  await insertEvents(client, schemaName, history.records);
  await projectExecutions(client, schema);
  await client.query('COMMIT');
}

async function registerWorkers(client: pg.ClientBase, schema: string): Promise<void> {
  const workers = [...LIVE_WORKERS, ...DEAD_WORKERS].filter((worker) => worker.silentMs !== null);
  await client.query(
    `INSERT INTO ${schema}.runtime (runtime_id, name, kind, uri, status, labels, capabilities, capacity, heartbeat, created_at)
      SELECT ${schema}.snowflake_id(), name, 'worker_pool', 'nats://demo', 'ready', jsonb_build_object('stack', stack),
        '{"tools": ["python", "http", "postgres", "duckdb", "playbook"]}'::jsonb, capacity,
        now() - "silentMs" * interval '1 millisecond', now() - interval '6 hours'
      FROM jsonb_to_recordset($1::jsonb) AS w (name text, stack text, capacity int, "silentMs" float8)
      UNION ALL
      SELECT ${schema}.snowflake_id(), 'noetl-server-0', 'server_api', 'http://127.0.0.1:8082', 'ready', '{}', '{}', NULL, now(), now() - interval '6 hours'`,
    [JSON.stringify(workers)],
  );
}

/** The Python stack's projection as it always is: behind the events, and silent about what came last. */
async function projectExecutions(client: pg.ClientBase, schema: string): Promise<void> {
  await client.query(
    `INSERT INTO ${schema}.execution (execution_id, catalog_id, parent_execution_id, status, last_event_type, start_time)
      SELECT execution_id, catalog_id, parent_execution_id, 'RUNNING', event_type, event_time
      FROM ${schema}.event WHERE event_type = 'playbook.initialized'`,
  );
}
