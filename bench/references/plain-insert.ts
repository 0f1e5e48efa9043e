import { type CancelRequest, cancelRows } from '../../source/domain/cancellation.js';
import type { BenchDatabase } from '../harness/databases.js';

/** The rows of a plain INSERT, column by column. */
export type InsertColumns = readonly (readonly unknown[])[];

/** Exactly the rows that a cancel of these executions writes, worked out beforehand and not timed. */
export async function rowsOfCancel(
  database: BenchDatabase,
  ids: readonly string[],
  request: CancelRequest,
): Promise<InsertColumns> {
  const { rows } = await database.client.query<{ id: string; last: string; catalog: string; rust: boolean }>(
    `SELECT i.id::text, l.event_id::text AS last, l.catalog_id::text AS catalog,
       EXISTS (SELECT FROM ${database.schema}.event s WHERE s.execution_id = i.id AND s.event_type = 'playbook_started') AS rust
     FROM unnest($1::bigint[]) AS i (id) CROSS JOIN LATERAL (
       SELECT e.event_id, e.catalog_id FROM ${database.schema}.event e WHERE e.execution_id = i.id ORDER BY e.event_id DESC LIMIT 1) l`,
    [ids],
  );
  const events = rows.flatMap(({ id, last, catalog, rust }) =>
    cancelRows({ executionId: id, rootId: id, stack: rust ? 'rust' : 'python' }, request).map((row, index) => [
      id,
      String(BigInt(last) + 1_000_000n + BigInt(index)),
      index === 0 ? last : String(BigInt(last) + 1_000_000n),
      catalog,
      row.eventType,
      row.status,
      row.node,
      JSON.stringify(row.meta),
      JSON.stringify(row.context),
    ]),
  );
  return Array.from({ length: 9 }, (_, column) => events.map((event) => event[column]));
}

/** One statement, one round trip: the least that writing these rows can cost a client. */
export async function plainInsert(database: BenchDatabase, columns: InsertColumns): Promise<number> {
  const { rowCount } = await database.client.query(
    `INSERT INTO ${database.schema}.event (execution_id, event_id, prev_event_id, catalog_id, created_at, event_type, status,
       node_id, node_name, meta, context)
     SELECT id, event_id, prev, catalog_id, clock_timestamp() AT TIME ZONE 'UTC', type, status, node, node, meta, context
     FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::jsonb[], $9::jsonb[])
       AS r (id, event_id, prev, catalog_id, type, status, node, meta, context)`,
    [...columns],
  );
  return rowCount ?? 0;
}
