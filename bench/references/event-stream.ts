import pg from 'pg';
import type { BenchDatabase } from '../harness/databases.js';

/** Events a batch; ten batches a second. */
const BATCH_EVERY_MS = 100;

const NOW = `clock_timestamp() AT TIME ZONE 'UTC'`;
const ID = (stamp: string, n: string) =>
  `((((extract(epoch FROM clock_timestamp()) * 1000)::bigint - 1704067200000 - ${stamp}) << 23) | (1 << 21) | ${n})`;

/** Executions that have begun and not ended, each with its start and one event; they began within the last minute. */
export async function addNotEnded({ client, schema }: BenchDatabase, count: number): Promise<void> {
  await client.query(
    `INSERT INTO ${schema}.catalog (catalog_id, path, version, kind, content) VALUES (1, 'team/flow', 1, 'playbook', '- step: work')`,
  );
  await client.query(
    `WITH made AS MATERIALIZED (SELECT ${ID('60000', 'n')} AS id FROM generate_series(1, $1::int) n)
     INSERT INTO ${schema}.event (execution_id, event_id, catalog_id, created_at, event_type, node_id, node_name, node_type, status)
     SELECT id, id + e, 1, ${NOW} - interval '1 second' * (60 - e),
       CASE WHEN e = 1 THEN 'playbook.initialized' ELSE 'command.started' END, 'fetch', 'fetch', 'http', 'RUNNING'
     FROM made CROSS JOIN generate_series(1, 2) e`,
    [count],
  );
  await client.query(`CREATE TABLE bench.streamed AS SELECT row_number() OVER () AS n, execution_id, max(event_id) AS event_id
    FROM ${schema}.event GROUP BY execution_id; CREATE UNIQUE INDEX ON bench.streamed (n)`);
  await client.query(`VACUUM ANALYZE ${schema}.event`);
}

/** Writes so many events a second to random ones of `addNotEnded`, on a connection of its own, until it is stopped. */
export async function startStream(database: BenchDatabase, count: number, perSecond: number) {
  const client = new pg.Client(database.url);
  await client.connect();
  const batch = Math.round((perSecond * BATCH_EVERY_MS) / 1000);
  const begun = performance.now();
  let written = 0;
  let isStopped = false;
  const write = async () => {
    while (!isStopped) {
      const { rowCount } = await client.query(
        `WITH chosen AS MATERIALIZED (SELECT DISTINCT 1 + floor(random() * $1)::int AS n FROM generate_series(1, $2::int)), moved AS (
           UPDATE bench.streamed s SET event_id = s.event_id + 1 FROM chosen c WHERE s.n = c.n RETURNING s.execution_id, s.event_id)
         INSERT INTO ${database.schema}.event (execution_id, event_id, catalog_id, created_at, event_type, node_id, node_name, node_type, status)
         SELECT execution_id, event_id, 1, ${NOW}, 'command.heartbeat', 'fetch', 'fetch', 'http', 'RUNNING' FROM moved`,
        [count, batch],
      );
      written += rowCount ?? 0;
      const ahead = (written / perSecond) * 1000 - (performance.now() - begun);
      if (ahead > 0) await new Promise((resolve) => setTimeout(resolve, ahead));
    }
  };
  const writing = write();
  return {
    /** Ends it; answers how many events a second it wrote. */
    stop: async (): Promise<number> => {
      isStopped = true;
      await writing;
      await client.end();
      return written / ((performance.now() - begun) / 1000);
    },
  };
}

/** One execution that begins now, of a playbook of its own. */
export async function begin({ client, schema }: BenchDatabase, number: number, path: string): Promise<void> {
  await client.query(
    `INSERT INTO ${schema}.catalog (catalog_id, path, version, kind, content) VALUES ($1, $2, 1, 'playbook', '- step: work')`,
    [number + 1, path],
  );
  await client.query(
    `INSERT INTO ${schema}.event (execution_id, event_id, catalog_id, created_at, event_type, node_id, node_name, node_type, status)
     SELECT ${ID('0', '$1::int')}, 1, $1::int + 1, ${NOW}, 'playbook.initialized', 'playbook', 'playbook', 'playbook', 'RUNNING'`,
    [number],
  );
}
