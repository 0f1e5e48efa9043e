import type pg from 'pg';
import { seedCommands } from './engine/command-table.js';
import { insertEvents } from './engine/event-row.js';
import type { History } from './engine/history.js';
import { DEAD_WORKERS, isLongGone, LIVE_WORKERS, SERVER_LEASES, SERVER_NAME } from './engine/workers.js';
import { quoteIdentifier } from './schema.js';

/** How long the server has been up when the demo opens, in milliseconds. */
const SERVER_UP_MS = 4 * 24 * 3_600_000;

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
  const gone = DEAD_WORKERS.filter(isLongGone).map(({ name }) => name);
  await seedCommands(client, schemaName, gone);
  await client.query('COMMIT');
}

async function registerWorkers(client: pg.ClientBase, schema: string): Promise<void> {
  const workers = [...LIVE_WORKERS, ...DEAD_WORKERS].filter((worker) => worker.silentMs !== null);
  const servers = [SERVER_NAME, ...SERVER_LEASES].map((name) => ({ name, registeredAgoMs: SERVER_UP_MS }));
  await client.query(
    `INSERT INTO ${schema}.runtime (runtime_id, name, kind, uri, status, labels, capabilities, capacity, heartbeat, created_at)
      SELECT ${schema}.snowflake_id(), name, 'worker_pool', 'nats://demo', CASE WHEN "silentMs" > 60000 THEN 'offline' ELSE 'ready' END,
        jsonb_build_object('stack', stack), '{"tools": ["python", "http", "postgres", "duckdb", "playbook"]}'::jsonb, capacity,
        now() - "silentMs" * interval '1 millisecond', now() - "registeredAgoMs" * interval '1 millisecond'
      FROM jsonb_to_recordset($1::jsonb) AS w (name text, stack text, capacity int, "silentMs" float8, "registeredAgoMs" float8)
      UNION ALL
      SELECT ${schema}.snowflake_id(), name, 'server_api', 'http://127.0.0.1:8082', 'ready', '{}', '{}', NULL, now(),
        now() - "registeredAgoMs" * interval '1 millisecond'
      FROM jsonb_to_recordset($2::jsonb) AS s (name text, "registeredAgoMs" float8)`,
    [JSON.stringify(workers), JSON.stringify(servers)],
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
