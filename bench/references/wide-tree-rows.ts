import type pg from 'pg';
import { PARTITION_STARTS } from '../../source/demo/event-table.js';

/** Rows that each child has; one of them names the parent on Rust's stack, three on Python's. */
const EVENTS_EACH = 6;

/**
 * A running parent with so many running children, half of either stack, as a runaway loop leaves them. `spread` deals
 * them over every partition and DEFAULT; otherwise all lie where the ids of this moment do.
 *
 * @returns the parent's id
 */
export async function addWideTree(
  database: { readonly client: pg.ClientBase; readonly schema: string },
  children: number,
  spread: boolean,
): Promise<string> {
  const { schema, client } = database;
  await client.query(
    `INSERT INTO ${schema}.catalog (catalog_id, path, version, kind) VALUES (1, 'loop/runaway', 1, 'playbook') ON CONFLICT DO NOTHING`,
  );
  const { rows } = await client.query<{ id: string }>(
    `WITH base AS (
       SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint - 1704067200000 AS ms
     ), made AS (
       SELECT n, n % 2 = 0 AS rust,
         CASE WHEN $2::boolean AND n > 0 THEN ($3::bigint[])[1 + n % cardinality($3::bigint[])] + (b.ms % 1000000000) * 1000000 + n
              -- Added, not joined by OR: from n = 65,536 on, n reaches into the server's bits.
              WHEN n % 2 = 0 THEN ((b.ms - 60000) << 22) + (7 << 16) + n ELSE ((b.ms - 60000) << 23) + (1 << 20) + n END AS id,
         ((b.ms - 60000) << CASE WHEN n % 2 = 0 THEN 22 ELSE 23 END) AS first_event
       FROM base b CROSS JOIN generate_series(0, $1::int) n
     ), written AS (
       INSERT INTO ${schema}.event (execution_id, event_id, prev_event_id, catalog_id, parent_execution_id, created_at,
         event_type, node_id, node_name, node_type, status, context, meta)
       SELECT m.id, m.first_event + m.n * 8 + e, CASE WHEN e > 1 THEN m.first_event + m.n * 8 + e - 1 END, 1,
         CASE WHEN m.n > 0 AND (e = 1 OR (NOT m.rust AND e IN (2, 3))) THEN (SELECT id FROM made WHERE n = 0) END,
         clock_timestamp() AT TIME ZONE 'UTC' - interval '1 second' * (${EVENTS_EACH} - e),
         CASE WHEN e = 1 THEN CASE WHEN m.rust THEN 'playbook_started' ELSE 'playbook.initialized' END
              ELSE (ARRAY['step.enter', 'command.issued', 'command.claimed', 'command.started', 'command.heartbeat'])[e - 1] END,
         'fetch', 'fetch', 'http', 'RUNNING', '{"args": {"page": 1}}',
         jsonb_build_object('command_id', m.id::text || ':fetch:' || m.id::text, 'worker_id', 'worker-' || m.n % 12)
       FROM made m CROSS JOIN generate_series(1, ${EVENTS_EACH}) e
     )
     SELECT id::text FROM made WHERE n = 0`,
    [children, spread, PARTITION_STARTS],
  );
  return rows[0]!.id;
}
