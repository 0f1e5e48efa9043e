import {
  COMMAND_END_TYPES,
  COMMAND_FAILED,
  COMMAND_HELD_TYPES,
  COMMAND_ISSUED,
  COMMAND_TYPES,
  STEP_FINISH_TYPES,
} from '../../domain/event-types.js';
import type { Tables } from '../connection/tables.js';
import { epochMs, type Sql } from '../sql.js';
import { failureText } from './failures.js';

const CALLBACK_ANSWER = 'call.done';

/** Event types that say that something failed; none of them ends an execution. */
const FAILURE_TYPES = [COMMAND_FAILED, 'call.error', 'step_failed'] as const;

/** Rows of each list that one execution may send: a runaway loop can hold ten thousand unclaimed commands. */
const ROWS_A_LIST = 256;

/** A command, or the group of rows that name one key. Ids as text, times in milliseconds. */
export interface OpenCommandRow {
  key: string;
  node: string | null;
  type: string;
  event_id: string;
  worker: string | null;
  at: number;
}
export interface UnkeyedRow {
  node: string | null;
  worker: string | null;
  event_id: string;
  count: number;
}
export interface RecordedFactsRow {
  execution_id: string;
  open: OpenCommandRow[] | null;
  loose_ends: UnkeyedRow[] | null;
  parked: OpenCommandRow[] | null;
  loose_answers: UnkeyedRow[] | null;
  finished_type: string | null;
  finished_node: string | null;
  finished_at: number | null;
  failed_type: string | null;
  failed_node: string | null;
  failed_at: number | null;
  failed_text: string | null;
  ingest_time: string | null;
  first_ingest_time: string | null;
  ingest_at: number | null;
  lag_ms: number | null;
  last_at: number;
}

const ingestText = (column: string): string => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

export interface RowCountRow {
  execution_id: string;
  rows: number;
}

/** How many rows each of these executions has, counted no further than a cap: to read few long ones at a time. */
export function rowCounts(tables: Tables, ids: readonly string[], cap: number): Sql<RowCountRow> {
  return {
    name: 'row-counts',
    text: `SELECT i.id::text AS execution_id, (SELECT count(*)::int FROM (
      SELECT FROM ${tables.event} e WHERE e.execution_id = i.id LIMIT $2::int) r) AS rows
  FROM unnest($1::bigint[]) AS i (id)`,
    values: [ids, cap],
  };
}

/**
 * Until the end of the transaction: room to group 100,000 rows in memory, and no merge joins, which would sort all of
 * them to find the few that matter.
 */
export const factsSettings = (): Sql => ({
  name: 'facts-settings',
  text: "SET LOCAL work_mem = '32MB'; SET LOCAL enable_mergejoin = off",
  values: [],
});

/**
 * What executions' own rows say of why they are silent: one row each. The rows of their commands are read,
 * all of them and nothing else: a command can have been lost at any point of a long loop, and only its own rows show
 * that it has not ended. Every read is a probe through (execution_id, …); OFFSET 0 keeps the planner from turning the
 * probes into one join, which could scan the table.
 *
 * A key is what event-store.md names a command by: meta's command_id, the column, or the node. Rust's
 * `command.completed` repeats the id in result's context. `absent` stands for columns that older installs lack: an
 * unqualified name means the table's column where it exists.
 */
export function recordedFacts(tables: Tables, ids: readonly string[]): Sql<RecordedFactsRow> {
  return {
    name: 'recorded-facts',
    text: `WITH recent AS MATERIALIZED (
    SELECT t.id, t.event_id, t.node_name, t.stage, t.created_at, t.event_type, t.worker_id, t.meta,
      coalesce(t.meta->>'command_id', CASE WHEN t.stage = 2 THEN t.result->'context'->>'command_id' END,
        t.command_id::text, t.node_name, '') COLLATE "C" AS key,
      t.stage = 2 AND t.result->'context'->>'pending_callback' = 'true' AS parked
    FROM (
      SELECT i.id, r.* FROM (SELECT NULL::bigint AS command_id) absent
      CROSS JOIN unnest($1::bigint[]) AS i (id)
      CROSS JOIN LATERAL (
        SELECT e.event_id, e.event_type, e.node_name, e.worker_id, e.created_at, e.meta, e.result, command_id,
          CASE WHEN e.event_type = '${COMMAND_ISSUED}' THEN 0 WHEN e.event_type = ANY($3::text[]) THEN 1
            WHEN e.event_type = ANY($2::text[]) THEN 2 ELSE 3 END AS stage
        FROM ${tables.event} e WHERE e.execution_id = i.id AND e.event_type = ANY($4::text[]) OFFSET 0
      ) r OFFSET 0
    ) t
  ), noteworthy AS MATERIALIZED (
    SELECT r.id, r.key, max(r.event_id) FILTER (WHERE r.stage < 3) AS last_id,
      max(r.event_id) FILTER (WHERE r.stage = 2) AS end_id, max(r.event_id) FILTER (WHERE r.stage < 2) AS start_id,
      max(r.event_id) FILTER (WHERE r.parked) AS parked_id, max(r.event_id) FILTER (WHERE r.stage = 3) AS answer_id
    FROM recent r GROUP BY r.id, r.key
    HAVING max(r.event_id) FILTER (WHERE r.stage = 2) IS DISTINCT FROM max(r.event_id) FILTER (WHERE r.stage < 3)
      OR max(r.event_id) FILTER (WHERE r.stage < 2) IS NULL OR bool_or(r.parked)
  ), command AS MATERIALIZED (
    SELECT n.id, n.key, n.last_id, n.end_id, n.start_id, n.parked_id, n.answer_id, max(r.node_name) AS node,
      count(*) FILTER (WHERE r.stage = 2)::int AS ends, count(*) FILTER (WHERE r.stage = 3)::int AS answers,
      substr(max(lpad(r.event_id::text, 19, '0') || coalesce(r.worker_id, r.meta->>'worker_id') COLLATE "C")
        FILTER (WHERE r.stage = 1), 20) AS holder,
      max(coalesce(r.worker_id, r.meta->>'worker_id')) FILTER (WHERE r.stage = 2) AS end_worker,
      max(r.event_type) FILTER (WHERE r.parked) AS parked_type, max(r.created_at) FILTER (WHERE r.parked) AS parked_at
    FROM noteworthy n JOIN recent r ON r.id = n.id AND r.key = n.key
    GROUP BY n.id, n.key, n.last_id, n.end_id, n.start_id, n.parked_id, n.answer_id
  ), open AS (
    SELECT c.id, c.key, x.node_name AS node, x.event_type AS type, x.event_id, ${epochMs('x.created_at')} AS at,
      CASE WHEN x.event_type = ANY($3::text[]) THEN c.holder END AS worker,
      x.event_type = ANY($3::text[]) AS held
    FROM command c
    CROSS JOIN LATERAL (
      SELECT e.event_id, e.event_type, e.node_name, e.created_at FROM ${tables.event} e
      WHERE e.execution_id = c.id AND e.event_id = c.last_id OFFSET 0
    ) x
    WHERE c.end_id IS DISTINCT FROM c.last_id
  ), open_list AS (
    SELECT o.id, jsonb_agg(jsonb_build_object('key', o.key, 'node', o.node, 'type', o.type,
      'event_id', o.event_id::text, 'worker', o.worker, 'at', o.at)) AS list
    FROM (SELECT n.*, row_number() OVER (PARTITION BY n.id ORDER BY n.held DESC, n.nth) AS place
          FROM (SELECT p.*, row_number() OVER (PARTITION BY p.id, p.held, p.worker ORDER BY p.event_id DESC) AS nth
                FROM open p) n) o
    WHERE o.place <= ${ROWS_A_LIST} GROUP BY o.id
  ), loose_list AS (
    SELECT l.id, jsonb_agg(jsonb_build_object('node', l.node, 'worker', l.end_worker, 'event_id', l.end_id::text,
      'count', l.ends)) AS list
    FROM (SELECT c.*, row_number() OVER (PARTITION BY c.id ORDER BY c.end_id DESC) AS place
          FROM command c WHERE c.end_id IS NOT NULL AND c.start_id IS NULL) l
    WHERE l.place <= ${ROWS_A_LIST} GROUP BY l.id
  ), parked_list AS (
    SELECT p.id, jsonb_agg(jsonb_build_object('key', p.key, 'node', p.node, 'type', p.parked_type,
      'event_id', p.parked_id::text, 'worker', NULL, 'at', ${epochMs('p.parked_at')})) AS list
    FROM (SELECT c.*, row_number() OVER (PARTITION BY c.id ORDER BY c.parked_id DESC) AS place
          FROM command c WHERE c.parked_id = c.last_id AND coalesce(c.answer_id, 0) < c.parked_id) p
    WHERE p.place <= ${ROWS_A_LIST} GROUP BY p.id
  ), answer_list AS (
    SELECT l.id, jsonb_agg(jsonb_build_object('node', l.node, 'worker', NULL, 'event_id', l.answer_id::text,
      'count', l.answers)) AS list
    FROM (SELECT c.*, row_number() OVER (PARTITION BY c.id ORDER BY c.answer_id DESC) AS place
          FROM command c WHERE c.answer_id IS NOT NULL AND c.last_id IS NULL) l
    WHERE l.place <= ${ROWS_A_LIST} GROUP BY l.id
  )
  SELECT i.id::text AS execution_id, open_list.list AS open, loose_list.list AS loose_ends, parked_list.list AS parked,
    answer_list.list AS loose_answers, finished.event_type AS finished_type, finished.node_name AS finished_node,
    ${epochMs('finished.created_at')} AS finished_at,
    failed.event_type AS failed_type, failed.node_name AS failed_node, failed.at AS failed_at, failed.text AS failed_text,
    edge.*
  FROM (SELECT NULL::timestamptz AS ingest_time) absent
  CROSS JOIN unnest($1::bigint[]) AS i (id)
  LEFT JOIN open_list ON open_list.id = i.id
  LEFT JOIN loose_list ON loose_list.id = i.id
  LEFT JOIN parked_list ON parked_list.id = i.id
  LEFT JOIN answer_list ON answer_list.id = i.id
  LEFT JOIN LATERAL (
    SELECT e.event_type, e.node_name, e.created_at FROM ${tables.event} e
    WHERE e.execution_id = i.id AND e.event_type = ANY($5::text[]) ORDER BY e.event_id DESC LIMIT 1
  ) finished ON true
  LEFT JOIN LATERAL (
    SELECT x.* FROM (
      SELECT e.event_type, e.node_name, ${epochMs('e.created_at')} AS at, ${failureText('e')} AS text
      FROM ${tables.event} e
      WHERE e.execution_id = i.id AND e.event_type = ANY($6::text[]) ORDER BY e.event_id DESC LIMIT 1
    ) x WHERE x.event_type = ANY($7::text[])
  ) failed ON true
  CROSS JOIN LATERAL (
    SELECT ${ingestText('l.ingest')} AS ingest_time, ${ingestText('f.ingest')} AS first_ingest_time,
      ${epochMs('l.ingest')} AS ingest_at, ${epochMs('l.ingest')} - ${epochMs('l.created_at')} AS lag_ms,
      ${epochMs('l.created_at')} AS last_at
    FROM (SELECT e.created_at, ingest_time AS ingest FROM ${tables.event} e
          WHERE e.execution_id = i.id ORDER BY e.event_id DESC LIMIT 1) l
    CROSS JOIN (SELECT ingest_time AS ingest FROM ${tables.event} e
          WHERE e.execution_id = i.id ORDER BY e.event_id LIMIT 1) f
  ) edge`,
    values: [
      ids,
      COMMAND_END_TYPES,
      COMMAND_HELD_TYPES,
      [...COMMAND_TYPES, CALLBACK_ANSWER],
      STEP_FINISH_TYPES,
      [...COMMAND_END_TYPES, ...FAILURE_TYPES],
      FAILURE_TYPES,
    ],
  };
}
