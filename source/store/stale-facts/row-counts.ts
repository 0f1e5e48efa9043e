import type { Tables } from '../connection/tables.js';
import { idBounds, type Sql, withinBounds } from '../sql.js';

export interface RowCountRow {
  execution_id: string;
  rows: number;
}

/** How many rows each of these executions has, counted no further than a cap: to read few long ones at a time. */
export function rowCounts(tables: Tables, ids: readonly string[], cap: number): Sql<RowCountRow> {
  return {
    name: 'row-counts',
    text: `SELECT i.id::text AS execution_id, (SELECT count(*)::int FROM (
      SELECT FROM ${tables.event} e WHERE e.execution_id = i.id ${withinBounds('e.execution_id', '$3', '$4')} LIMIT $2::int) r) AS rows
  FROM unnest($1::bigint[]) AS i (id)`,
    values: [ids, cap, ...idBounds(ids)],
  };
}
