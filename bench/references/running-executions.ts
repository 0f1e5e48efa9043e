import type { BenchDatabase } from '../harness/databases.js';

/** Events that each of them has: begun, one command claimed, started and at work. */
const MOST_EVENTS_EACH = 6;
/** Calls of this process: each gets a millisecond of its own, so that two within one millisecond make different ids. */
let calls = 0;

/**
 * Executions at work, half of either stack, as rows of a database of the benchmark. With `fanOut` they are one tree: the
 * first is the root and each of the others hangs under the one that the heap order of that width names.
 *
 * @param eventsEach how many events each has, up to 6: fewer where very many are needed in little time
 * @returns their ids, parents first.
 */
export async function addRunning(
  database: Pick<BenchDatabase, 'client' | 'schema'>,
  count: number,
  fanOut = 0,
  eventsEach = MOST_EVENTS_EACH,
): Promise<string[]> {
  const { rows } = await database.client.query<{ id: string }>(
    `WITH base AS (
       SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint - 1704067200000 AS ms, min(catalog_id) AS catalog_id
       FROM ${database.schema}.catalog
     ), made AS (
       SELECT n, n % 2 = 0 AS rust, b.catalog_id,
         -- Added, not joined by OR: from n = 65,536 on, n reaches into the server's bits.
         CASE WHEN n % 2 = 0 THEN ((b.ms - 60000 + $4::int) << 22) + (7 << 16) + n
              ELSE ((b.ms - 60000 + $4::int) << 23) + (1 << 20) + n END AS id,
         CASE WHEN $2::int > 0 AND n > 0 THEN (n - 1) / $2::int END AS parent_n, b.ms
       FROM base b CROSS JOIN generate_series(0, $1::int - 1) n
     ), linked AS (
       SELECT m.*, p.id AS parent_id FROM made m LEFT JOIN made p ON p.n = m.parent_n
     ), written AS (
       INSERT INTO ${database.schema}.event (execution_id, event_id, prev_event_id, catalog_id, parent_execution_id, created_at,
         event_type, node_id, node_name, node_type, status, context, meta)
       SELECT l.id, l.id + e, CASE WHEN e > 1 THEN l.id + e - 1 END, l.catalog_id, CASE WHEN e = 1 OR (NOT l.rust AND e = 3) THEN l.parent_id END,
         clock_timestamp() AT TIME ZONE 'UTC' - interval '1 second' * (${MOST_EVENTS_EACH} - e),
         CASE WHEN e = 1 THEN CASE WHEN l.rust THEN 'playbook_started' ELSE 'playbook.initialized' END
              ELSE (ARRAY['step.enter', 'command.issued', 'command.claimed', 'command.started', 'command.heartbeat'])[e - 1] END,
         'fetch', 'fetch', 'http', 'RUNNING', '{"args": {"page": 1}}',
         jsonb_build_object('command_id', l.id::text || ':fetch:' || l.id::text, 'worker_id', 'worker-' || l.n % 12)
       FROM linked l CROSS JOIN generate_series(1, $3::int) e
     )
     SELECT id::text FROM linked ORDER BY n`,
    [count, fanOut, eventsEach, calls++],
  );
  return rows.map(({ id }) => id);
}
