import { COMMAND_END_TYPES, COMMAND_FAILED, TERMINAL_TYPES, TRANSPORT_TYPES } from '../../domain/event-types.js';
import type { Tables } from '../connection/tables.js';
import { epochMs, fromMicros, micros, naiveUtc, type Sql } from '../sql.js';
import { failureText } from '../stale-facts/failures.js';

/** Where a page of the log ends; the next one begins after it. */
export interface Cursor {
  readonly micros: string;
  readonly executionId: string;
  readonly eventId: string;
}

export interface PageRow {
  /** Null in the only row of a page that holds nothing but the transport's. */
  execution_id: string | null;
  first_at: number;
  last_at: number;
  longest_gap: number | null;
  ended: boolean;
  events: number;
  /** Of the whole page, the same in every row. */
  last_micros: string;
  last_execution_id: string;
  last_event_id: string;
  page_rows: number;
}

/**
 * The log by time, a page at a time, each execution of a page as one row: when its first and last events in the page
 * were written, and the longest gap between two of them. The page is read through (created_at) in its order; what is
 * sent is a row an execution instead of one an event (a fifth in production's mix, and a hundredth in a loop).
 *
 * The transport's rows are read, since the index holds them, and count neither as first, last nor as the end of a gap.
 */
export function logPage(tables: Tables, after: Cursor, until: number, limit: number): Sql<PageRow> {
  return {
    name: 'log-page',
    text: `WITH page AS MATERIALIZED (
    SELECT e.execution_id, e.event_id, e.created_at, e.event_type FROM ${tables.event} e
    WHERE e.created_at >= ${fromMicros('$1')} AND e.created_at <= ${naiveUtc('$4')}
      AND (e.created_at, e.execution_id, e.event_id) > (${fromMicros('$1')}, $2::bigint, $3::bigint)
    ORDER BY e.created_at, e.execution_id, e.event_id LIMIT $5
  ), edge AS (
    SELECT ${micros('p.created_at')} AS last_micros, p.execution_id::text AS last_execution_id,
      p.event_id::text AS last_event_id, (SELECT count(*)::int FROM page) AS page_rows
    FROM page p ORDER BY p.created_at DESC, p.execution_id DESC, p.event_id DESC LIMIT 1
  ), gap AS (
    SELECT p.execution_id, p.created_at, p.event_type,
      p.created_at - lag(p.created_at) OVER (PARTITION BY p.execution_id ORDER BY p.created_at, p.event_id) AS gap
    FROM page p WHERE coalesce(p.event_type, '') <> ALL($6::text[])
  )
  SELECT g.execution_id::text, ${epochMs('min(g.created_at)')} AS first_at, ${epochMs('max(g.created_at)')} AS last_at,
    (extract(epoch FROM max(g.gap)) * 1000)::float8 AS longest_gap,
    bool_or(g.event_type = ANY($7::text[])) AS ended, count(*)::int AS events, edge.*
  FROM edge LEFT JOIN gap g ON true
  GROUP BY g.execution_id, edge.last_micros, edge.last_execution_id, edge.last_event_id, edge.page_rows`,
    values: [after.micros, after.executionId, after.eventId, until, limit, TRANSPORT_TYPES, TERMINAL_TYPES],
  };
}

/** A bitmap would be made of the whole window for each page, where the index in its order ends with the page. */
export const pageSettings = (): Sql => ({
  name: 'page-settings',
  text: "SET LOCAL enable_bitmapscan = off; SET LOCAL work_mem = '32MB'",
  values: [],
});

export interface LogRow {
  execution_id: string;
  event_id: string;
  event_type: string | null;
  node_name: string | null;
  status: string | null;
  worker: string | null;
  at: number;
  command_id: string | null;
  result_command_id: string | null;
  parked: boolean | null;
  error: string | null;
  parent: string | null;
  catalog_id: string | null;
  loaded_time: string | null;
  loaded_at: number | null;
}

/**
 * All rows of some executions that a diagnosis can rest on, through (execution_id, event_id). Payloads stay where they
 * are but for three words of theirs. `absent` stands for columns that older installs lack.
 */
export function logsOf(tables: Tables, ids: readonly string[], loadLagMs: number): Sql<LogRow> {
  const isEnd = 'e.event_type = ANY($3::text[])';
  return {
    name: 'logs-of',
    text: `SELECT i.id::text AS execution_id, r.event_id::text, r.event_type, r.node_name, r.status, r.worker,
    ${epochMs('r.created_at')} AS at, r.command_id, r.result_command_id, r.parked, r.error, r.parent, r.catalog_id,
    CASE WHEN r.is_loaded THEN to_char(r.ingest_time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') END AS loaded_time,
    CASE WHEN r.is_loaded THEN ${epochMs('r.ingest_time')} END AS loaded_at
  FROM (SELECT NULL::bigint AS command_id, NULL::timestamptz AS ingest_time) absent
  CROSS JOIN unnest($1::bigint[]) AS i (id)
  CROSS JOIN LATERAL (
    SELECT e.event_id, e.event_type, e.node_name, e.status, coalesce(e.worker_id, e.meta->>'worker_id') AS worker,
      e.created_at, coalesce(e.meta->>'command_id', command_id::text) AS command_id,
      CASE WHEN ${isEnd} THEN e.result->'context'->>'command_id' END AS result_command_id,
      ${isEnd} AND e.result->'context'->>'pending_callback' = 'true' AS parked,
      CASE WHEN e.event_type = ANY($4::text[]) THEN ${failureText('e')} END AS error,
      coalesce(e.parent_execution_id::text, e.meta->>'inlined_in_parent') AS parent, e.catalog_id::text,
      ingest_time, (ingest_time AT TIME ZONE 'UTC') - e.created_at >= $5::float8 * interval '1 millisecond' AS is_loaded
    FROM ${tables.event} e
    WHERE e.execution_id = i.id AND coalesce(e.event_type, '') <> ALL($2::text[]) ORDER BY e.event_id
  ) r ORDER BY i.id, r.event_id`,
    values: [ids, TRANSPORT_TYPES, COMMAND_END_TYPES, [COMMAND_FAILED, 'call.error', 'step_failed'], loadLagMs],
  };
}
