import {
  COMPLETED_TYPES,
  PYTHON_START_TYPE,
  RUST_START_TYPES,
  START_TYPES,
  stackOfStartType,
  TERMINAL_TYPES,
  TRANSPORT_TYPES,
} from '../../domain/event-types.js';
import type { Execution } from '../../domain/execution.js';
import { executionStatus, terminalStatusOf } from '../../domain/execution-status.js';
import type { Tables } from '../connection/tables.js';
import { epochMs, idBounds, type Sql, withinBounds } from '../sql.js';
import { endsOf } from './ends.js';
import type { IdRange } from './pieces.js';

/** How many of an execution's first rows are searched for its parent when its start names none (Python's habit). */
const PARENT_SEARCH_ROWS = 16;

/**
 * Rows that can be an execution's last event. The Python stack writes three transport rows around every report, so the
 * probe passes over a handful. An execution that has nothing else is described by its first row. Of a row `e`.
 */
export const NOT_TRANSPORT = `coalesce(e.event_type, '') NOT IN (${TRANSPORT_TYPES.map((type) => `'${type}'`).join(', ')})`;

/** What mapExecution reads of a row. */
export interface ExecutionRow {
  execution_id: string;
  catalog_id: string | null;
  path: string | null;
  version: number | null;
  parent_execution_id: string | null;
  start_type: string | null;
  started_at: number | null;
  terminal_types: string[] | null;
  terminal_times: number[] | null;
  last_event_id: string;
  last_type: string;
  last_node: string | null;
  last_status: string | null;
  last_worker: string | null;
  last_at: number;
  as_of: number;
}

type Bounds = readonly [lowest: string, highest: string];
const boundedBy = (column: string, bounds: Bounds | null): string => (bounds ? withinBounds(column, ...bounds) : '');

/**
 * Everything of mapExecution's row for the ids that a source query yields. Each LATERAL is a probe into one partition
 * through (execution_id, …) indexes; OFFSET 0 and LIMIT keep the planner from turning a probe into a scan.
 *
 * @param bounds the parameters that bound the ids, which spares the planner the partitions without any
 * @param withTerminals false where the source yields none that has ended
 */
function detailsOf(
  tables: Tables,
  source: string,
  { bounds, withTerminals }: { bounds: Bounds | null; withTerminals: boolean },
): string {
  const within = (alias: string): string => boundedBy(`${alias}.execution_id`, bounds);
  const terminals = withTerminals
    ? `LEFT JOIN LATERAL (
    SELECT array_agg(e.event_type) AS types, array_agg(${epochMs('e.created_at')}) AS times
    FROM (${endsOf(tables, 'i.execution_id', '$2', within('t'))}) e
  ) ended ON true`
    : '';
  return `
  SELECT i.execution_id::text, coalesce(s.catalog_id, l.catalog_id, f.catalog_id)::text AS catalog_id, c.path, c.version,
    coalesce(s.parent_execution_id::text, s.inlined_in, p.parent_execution_id::text) AS parent_execution_id,
    s.event_type AS start_type, ${epochMs('coalesce(s.created_at, f.created_at)')} AS started_at,
    ${withTerminals ? 'ended.types AS terminal_types, ended.times AS terminal_times' : 'NULL::text[] AS terminal_types, NULL::float8[] AS terminal_times'},
    coalesce(l.event_id, f.event_id)::text AS last_event_id,
    CASE WHEN l.event_id IS NULL THEN f.event_type ELSE l.event_type END AS last_type, l.node_name AS last_node, l.status AS last_status,
    coalesce(l.worker_id, l.meta->>'worker_id') AS last_worker, ${epochMs('coalesce(l.created_at, f.created_at)')} AS last_at,
    (extract(epoch from clock_timestamp()) * 1000)::float8 AS as_of
  FROM (${source}) i
  LEFT JOIN LATERAL (
    SELECT e.event_id, e.event_type, e.node_name, e.status, e.worker_id, e.meta, e.created_at, e.catalog_id
    FROM ${tables.event} e WHERE e.execution_id = i.execution_id ${within('e')} AND ${NOT_TRANSPORT}
    ORDER BY e.event_id DESC LIMIT 1
  ) l ON true
  LEFT JOIN LATERAL (
    SELECT e.event_type, e.created_at, e.catalog_id, e.parent_execution_id,
      substring(e.meta->>'inlined_in_parent' from '^[1-9][0-9]{0,18}$') AS inlined_in
    FROM ${tables.event} e
    WHERE e.execution_id = i.execution_id ${within('e')} AND e.event_type = ANY($1::text[]) ORDER BY e.event_id LIMIT 1
  ) s ON true
  LEFT JOIN LATERAL (
    SELECT e.event_id, e.event_type, e.created_at, e.catalog_id FROM ${tables.event} e
    WHERE s.event_type IS NULL AND e.execution_id = i.execution_id ${within('e')} ORDER BY e.event_id LIMIT 1
  ) f ON true
  LEFT JOIN LATERAL (
    SELECT e.parent_execution_id FROM (
      SELECT r.parent_execution_id FROM ${tables.event} r
      WHERE s.parent_execution_id IS NULL AND r.execution_id = i.execution_id ${within('r')}
      ORDER BY r.event_id LIMIT ${PARENT_SEARCH_ROWS}
    ) e WHERE e.parent_execution_id IS NOT NULL LIMIT 1
  ) p ON true
  ${terminals}
  LEFT JOIN ${tables.catalog} c ON c.catalog_id = coalesce(s.catalog_id, l.catalog_id, f.catalog_id)
  WHERE l.event_id IS NOT NULL OR f.event_id IS NOT NULL`;
}

/**
 * Every execution that has begun and not ended, or those of a range of ids, then its newest event.
 *
 * Starts come from two branches, because Python's alone have a partial index that answers without the table (5 million
 * events: 55 ms against 130). Each start is probed for an end in its own partition's index; OFFSET 0 keeps the planner
 * from making a join of it, which reads the whole (execution_id, event_type) index (1,350 ms against 400). The type that
 * ends nearly all is asked for first: one look instead of one for each type.
 * docs/decisions/2026-11-23-queries.md has the reasons, and where the plans are.
 */
export function activeExecutions(tables: Tables, range?: IdRange): Sql<ExecutionRow> {
  const bounds = range ? (['$6', '$7'] as const) : null;
  const within = (alias: string) => boundedBy(`${alias}.execution_id`, bounds);
  return {
    name: 'active-executions',
    text: `WITH begun AS MATERIALIZED (
    SELECT p.execution_id FROM ${tables.event} p WHERE p.event_type = $3 ${within('p')}
    UNION ALL SELECT r.execution_id FROM ${tables.event} r WHERE r.event_type = ANY($4::text[]) ${within('r')}
  ), incomplete AS MATERIALIZED (
    SELECT b.execution_id FROM begun b WHERE NOT EXISTS (
      SELECT FROM ${tables.event} t WHERE t.execution_id = b.execution_id ${within('t')} AND t.event_type = $5 OFFSET 0)
  ), candidates AS MATERIALIZED (
    SELECT DISTINCT b.execution_id FROM incomplete b
    WHERE NOT EXISTS (${endsOf(tables, 'b.execution_id', '$2', within('t'))} OFFSET 0)
  )
  ${detailsOf(tables, 'SELECT execution_id FROM candidates', { bounds, withTerminals: false })}`,
    values: [
      START_TYPES,
      TERMINAL_TYPES,
      PYTHON_START_TYPE,
      RUST_START_TYPES,
      COMPLETED_TYPES[0],
      ...(range ? [range.from, range.to] : []),
    ],
  };
}

/**
 * Executions that have not ended among those of the newest events: what was written within a time, and of that no more
 * than so many rows, through (created_at). Its cost follows what it reads and not the history: this is what a console
 * shows first.
 */
export function recentlyActive(tables: Tables, withinMs: number, mostEvents: number): Sql<ExecutionRow> {
  return {
    name: 'recently-active',
    text: `WITH newest AS MATERIALIZED (
    SELECT e.execution_id FROM ${tables.event} e
    WHERE e.created_at >= statement_timestamp() AT TIME ZONE 'UTC' - $3::float8 * interval '1 millisecond'
    ORDER BY e.created_at DESC LIMIT $4
  ), candidates AS MATERIALIZED (
    SELECT n.execution_id FROM (SELECT DISTINCT execution_id FROM newest) n
    WHERE NOT EXISTS (${endsOf(tables, 'n.execution_id', '$2')} OFFSET 0)
  )
  ${detailsOf(tables, 'SELECT execution_id FROM candidates', { bounds: null, withTerminals: false })}`,
    values: [START_TYPES, TERMINAL_TYPES, withinMs, mostEvents],
  };
}

/** The executions among these ids that have rows. Ids that lie close together cost the least to plan: sort them. */
export function executionsById(tables: Tables, ids: readonly string[]): Sql<ExecutionRow> {
  return {
    name: 'executions-by-id',
    text: detailsOf(tables, 'SELECT unnest($3::bigint[]) AS execution_id', {
      bounds: ['$4', '$5'],
      withTerminals: true,
    }),
    values: [START_TYPES, TERMINAL_TYPES, ids, ...idBounds(ids)],
  };
}

/** Rows become domain values here and nowhere else. */
export function mapExecution(row: ExecutionRow): Execution {
  const types = row.terminal_types ?? [];
  const verdict = executionStatus(types);
  const deciding = types.findIndex((type) => terminalStatusOf(type) === verdict.status);
  return {
    executionId: row.execution_id,
    path: row.path,
    version: row.version,
    catalogId: row.catalog_id,
    parentExecutionId: row.parent_execution_id,
    stack: stackOfStartType(row.start_type),
    status: verdict.status,
    ends: verdict.ends,
    startedAt: row.started_at,
    endedAt: deciding < 0 ? null : (row.terminal_times?.[deciding] ?? null),
    lastEvent: {
      eventId: row.last_event_id,
      type: row.last_type ?? '',
      node: row.last_node,
      status: row.last_status,
      workerId: row.last_worker,
      at: row.last_at,
    },
  };
}
