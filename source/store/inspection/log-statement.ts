import type { Tables } from '../connection/tables.js';
import { epochMs, type Sql } from '../sql.js';

export interface LogFactsRow {
  rows: number;
  median_lag_ms: number | null;
  unchained: number;
  forks: number;
}

/**
 * What the newest events show of how they got here: how long after their making they were inserted, and whether each
 * names its predecessor. Reads the end of the index on created_at.
 */
export function logFacts(tables: Tables, newest: number, hasPrevEventId: boolean): Sql {
  const previous = hasPrevEventId ? 'e.prev_event_id' : 'NULL::bigint';
  return {
    name: 'log-facts',
    text: `WITH newest AS MATERIALIZED (
    SELECT e.execution_id, e.event_type, ${previous} AS previous,
      (extract(epoch from e.ingest_time) * 1000)::float8 - ${epochMs('e.created_at')} AS lag_ms
    FROM ${tables.event} e ORDER BY e.created_at DESC LIMIT $1
  )
  SELECT count(*)::int AS rows,
    (percentile_cont(0.5) WITHIN GROUP (ORDER BY n.lag_ms))::float8 AS median_lag_ms,
    (count(*) FILTER (WHERE n.previous IS NULL AND n.event_type NOT IN ('playbook_started', 'playbook.initialized')))::int
      AS unchained,
    (SELECT count(*)::int FROM (SELECT FROM newest p WHERE p.previous IS NOT NULL
      GROUP BY p.execution_id, p.previous HAVING count(*) > 1) f) AS forks
  FROM newest n`,
    values: [newest],
  };
}
