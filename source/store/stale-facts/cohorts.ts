import type { Tables } from '../connection/tables.js';
import { naiveUtc, type Sql } from '../sql.js';

/** Rows looked at on either side; rows that were loaded together lived together more often than not. */
const NEIGHBOURS = 128;

/**
 * Executions whose ingest_time occurs in a neighbouring row of another execution. No index covers ingest_time, and the
 * event table is never scanned; (created_at) leads to what was written about the same time.
 */
export function loadedWithNeighbours(
  tables: Tables,
  loads: readonly { executionId: string; ingestTime: string; lastEventAt: number }[],
): Sql {
  const side = (comparison: string, order: string) => `
      (SELECT e.execution_id, e.ingest_time FROM ${tables.event} e
       WHERE e.created_at ${comparison} ${naiveUtc('i.at')} ORDER BY e.created_at ${order} LIMIT ${NEIGHBOURS})`;
  return {
    name: 'loaded-with-neighbours',
    text: `SELECT i.id::text AS execution_id
  FROM unnest($1::bigint[], $2::timestamptz[], $3::float8[]) AS i (id, ingest_time, at)
  WHERE EXISTS (SELECT FROM (${side('<=', 'DESC')} UNION ALL ${side('>', 'ASC')}) n
                WHERE n.execution_id <> i.id AND n.ingest_time = i.ingest_time)`,
    values: [
      loads.map((load) => load.executionId),
      loads.map((load) => load.ingestTime),
      loads.map((load) => load.lastEventAt),
    ],
  };
}
