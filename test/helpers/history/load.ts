import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { idAt, nextIdAt } from '../ids.js';
import type { HistoryExecution } from './run.js';

const COLUMNS = [
  'execution_id',
  'event_id',
  'prev_event_id',
  'catalog_id',
  'parent_execution_id',
  'created_at',
  'event_time',
  'ingest_time',
  'event_type',
  'node_name',
  'status',
  'worker_id',
  'command_id',
  'result',
  'meta',
] as const;

/** Loads executions by COPY; returns how many events they have. `schema` is a quoted identifier. */
export async function copyHistory(
  pool: pg.Pool,
  history: readonly HistoryExecution[],
  schema: string,
): Promise<number> {
  const catalogs = await makeCatalog(pool, schema);
  let events = 0;
  function* lines() {
    for (const execution of history) {
      const text = linesOf(execution, catalogs[events % catalogs.length] ?? '');
      events += execution.rows.length;
      yield text;
    }
  }
  const client = await pool.connect();
  try {
    const indexes = await dropIndexes(client, schema);
    // The catalog's rows were made above; checking each event against them takes as long as writing it.
    await client.query('SET session_replication_role = replica');
    const stream = client.query(copyFrom(`COPY ${schema}.event (${COLUMNS.join(', ')}) FROM STDIN`));
    await pipeline(Readable.from(lines()), stream);
    await client.query('RESET session_replication_role');
    for (const definition of indexes) await client.query(definition);
  } finally {
    client.release();
  }
  return events;
}

/** Indexes built once over all rows cost a fraction of indexes kept up row by row. */
async function dropIndexes(client: pg.PoolClient, schema: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string; definition: string }>(
    `SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition FROM pg_index i
      WHERE i.indrelid = $1::regclass AND NOT i.indisprimary`,
    [`${schema}.event`],
  );
  for (const { name } of rows) await client.query(`DROP INDEX ${name}`);
  return rows.map(({ definition }) => definition.replace(' ON ONLY ', ' ON '));
}

async function makeCatalog(pool: pg.Pool, schema: string): Promise<string[]> {
  const paths = ['etl/orders', 'etl/customers', 'report/daily', 'sync/inventory'];
  const { rows } = await pool.query<{ catalog_id: string }>(
    `INSERT INTO ${schema}.catalog (catalog_id, path, version, kind)
      SELECT id::bigint, path, 1, 'playbook' FROM unnest($1::text[], $2::text[]) AS t (id, path)
      ON CONFLICT (path, version) DO UPDATE SET kind = excluded.kind RETURNING catalog_id::text`,
    [paths.map(() => nextIdAt()), paths],
  );
  return rows.map((row) => row.catalog_id);
}

let sequence = 0;

function linesOf(execution: HistoryExecution, catalogId: string): string {
  const length = execution.rows.slice(1).reduce((sum, row) => sum + row.after, 0);
  let at = execution.lastAt - length;
  let previous: string | null = null;
  let text = '';
  execution.rows.forEach((row, index) => {
    if (index > 0) at += row.after;
    let eventId = idAt(at, execution.layout, sequence++ % 4096);
    if (previous !== null && BigInt(eventId) <= BigInt(previous)) eventId = (BigInt(previous) + 1n).toString();
    const written = new Date(at).toISOString();
    const values = [
      execution.id,
      eventId,
      previous,
      catalogId,
      row.parent,
      written.slice(0, -1),
      written,
      // Microseconds as no other row has them, unless the execution was loaded with its cohort.
      execution.loadedAt === null
        ? `${written.slice(0, -1)}${String(sequence % 1000).padStart(3, '0')}Z`
        : new Date(execution.loadedAt).toISOString(),
      row.type,
      row.node,
      row.status,
      row.workerId,
      row.commandId,
      row.result,
      row.meta,
    ];
    text += `${values.map((value) => (value === null ? '\\N' : value.replaceAll('\\', '\\\\'))).join('\t')}\n`;
    previous = eventId;
  });
  return text;
}
