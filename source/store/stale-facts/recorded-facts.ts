import {
  COMMAND_END_TYPES,
  COMMAND_FAILED,
  COMMAND_HELD_TYPES,
  COMMAND_ISSUED,
  COMMAND_TYPES,
  STEP_FINISH_TYPES,
} from '../../domain/event-types.js';
import type { Tables } from '../connection/tables.js';
import { epochMs, idBounds, type Sql, withinBounds } from '../sql.js';
import { failureText } from './failures.js';

const CALLBACK_ANSWER = 'call.done';
const READ_TYPES = [...COMMAND_TYPES, CALLBACK_ANSWER] as const;

/** Event types that say that something failed; none of them ends an execution. */
const FAILURE_TYPES = [COMMAND_FAILED, 'call.error', 'step_failed'] as const;

/** Rows of each list that one execution may send: a runaway loop can hold ten thousand unclaimed commands. */
const ROWS_A_LIST = 256;

/**
 * The newest rows of each command event type that are read of one execution. No index holds which commands have not
 * ended, so all rows of a command have to be read. 10,000 commands are as many as the longest flow known has issued
 * (event-store.md, "Sizes seen"); of a longer one only the newest are read, and the answer says so.
 * docs/decisions/2026-12-01-stale-facts-bounded.md.
 */
export const NEWEST_READ = 10_000;
/** Rows that are read of one execution at most. */
export const MOST_ROWS = READ_TYPES.length * NEWEST_READ;

/** Of the executions of a statement: of the long ones the newest rows are read, there are none, or they have no answer. */
export type Long = 'cut' | 'none' | 'left-out';
/** Rows of an execution that is not long, where long ones are left out: usual ones have 88. */
export const SHORT = 500;

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
  /** True where older rows of its commands were not read. */
  is_cut: boolean;
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
 * What executions' own rows say of why they are silent: one row each. The rows of their commands are read, the newest
 * NEWEST_READ of each type: a command can have been lost at any point of a long loop, and only its own rows show that it
 * has not ended. Of each command only ids are kept; what else is asked is looked up for those few that matter. Every read
 * is a probe through (execution_id, …); OFFSET 0 keeps the planner from turning the probes into one join, which could
 * scan the table.
 *
 * A key is what event-store.md names a command by: meta's command_id, the column, or the node. Rust's
 * `command.completed` repeats the id in result's context. `absent` stands for columns that older installs lack: an
 * unqualified name means the table's column where it exists.
 *
 * @param long what is done about those of more than NEWEST_READ rows, or, where they are left out, of more than SHORT
 */
export function recordedFacts(tables: Tables, ids: readonly string[], long: Long = 'cut'): Sql<RecordedFactsRow> {
  const within = withinBounds('e.execution_id', '$8', '$9');
  const place = (order: string, columns: string) => `row_number() OVER (PARTITION BY ${columns} ORDER BY ${order})`;
  // An end, or an answer, whose command was issued before the cut belongs to that one, and ends no other. The index has
  // the database's own collation.
  const isLoose = `(c.after IS NULL OR NOT EXISTS (
      SELECT FROM ${tables.event} e WHERE e.execution_id = c.id ${within} AND e.event_type = '${COMMAND_ISSUED}'
        AND e.meta ? 'command_id' AND e.meta->>'command_id' = c.key COLLATE "default" OFFSET 0))`;
  return {
    name: 'recorded-facts',
    text: `WITH cut AS MATERIALIZED (
    SELECT i.id, CASE WHEN i.is_long THEN (
      SELECT max(x.event_id) FROM unnest($4::text[]) AS k (type) CROSS JOIN LATERAL (
        SELECT e.event_id FROM ${tables.event} e WHERE e.execution_id = i.id ${within} AND e.event_type = k.type
        ORDER BY e.event_id DESC OFFSET ${NEWEST_READ} LIMIT 1) x
    ) END AS after
    FROM (
      SELECT u.id, $10::int IS NOT NULL AND EXISTS (
        SELECT FROM ${tables.event} e WHERE e.execution_id = u.id ${within} OFFSET $10::int LIMIT 1) AS is_long
      FROM unnest($1::bigint[]) AS u (id) OFFSET 0
    ) i WHERE NOT (i.is_long AND $11::boolean)
  ), noteworthy AS MATERIALIZED (
    SELECT r.id, r.key, r.after, max(r.event_id) FILTER (WHERE r.stage < 3) AS last_id,
      max(r.event_id) FILTER (WHERE r.stage = 2) AS end_id, max(r.event_id) FILTER (WHERE r.stage < 2) AS start_id,
      max(r.event_id) FILTER (WHERE r.parked) AS parked_id, max(r.event_id) FILTER (WHERE r.stage = 3) AS answer_id,
      max(r.event_id) FILTER (WHERE r.stage = 1 AND r.has_worker) AS holder_id,
      max(r.event_id) FILTER (WHERE r.stage = 2 AND r.has_worker) AS ender_id,
      count(*) FILTER (WHERE r.stage = 2)::int AS ends, count(*) FILTER (WHERE r.stage = 3)::int AS answers
    FROM (
      SELECT t.id, t.after, t.event_id, t.stage, t.has_worker,
        coalesce(t.meta->>'command_id', CASE WHEN t.stage = 2 THEN t.result #>> '{context,command_id}' END,
          t.command_id::text, t.node_name, '') COLLATE "C" AS key,
        t.stage = 2 AND t.result #>> '{context,pending_callback}' = 'true' AS parked
      FROM (
        SELECT cut.id, cut.after, r.* FROM (SELECT NULL::bigint AS command_id) absent
        CROSS JOIN cut
        CROSS JOIN LATERAL (
          SELECT e.event_id, e.node_name, e.meta, e.result, command_id,
            coalesce(e.worker_id, e.meta->>'worker_id') IS NOT NULL AS has_worker,
            CASE WHEN e.event_type = '${COMMAND_ISSUED}' THEN 0 WHEN e.event_type = ANY($3::text[]) THEN 1
              WHEN e.event_type = ANY($2::text[]) THEN 2 ELSE 3 END AS stage
          FROM ${tables.event} e WHERE e.execution_id = cut.id ${within} AND e.event_type = ANY($4::text[])
            AND e.event_id > coalesce(cut.after, ${-(2n ** 63n)}) OFFSET 0
        ) r OFFSET 0
      ) t
    ) r GROUP BY r.id, r.key, r.after
    HAVING max(r.event_id) FILTER (WHERE r.stage = 2) IS DISTINCT FROM max(r.event_id) FILTER (WHERE r.stage < 3)
      OR max(r.event_id) FILTER (WHERE r.stage < 2) IS NULL OR bool_or(r.parked)
  ), seen AS MATERIALIZED (
    SELECT n.id, x.event_id, x.node_name AS node, x.event_type AS type, x.worker, x.at
    FROM (SELECT DISTINCT c.id, u.event_id FROM noteworthy c CROSS JOIN LATERAL
        unnest(ARRAY[c.last_id, c.end_id, c.answer_id, c.holder_id, c.ender_id, c.parked_id]) AS u (event_id)
      WHERE u.event_id IS NOT NULL) n
    CROSS JOIN LATERAL (
      SELECT e.event_id, e.event_type, e.node_name, coalesce(e.worker_id, e.meta->>'worker_id') AS worker,
        ${epochMs('e.created_at')} AS at
      FROM ${tables.event} e WHERE e.execution_id = n.id ${within} AND e.event_id = n.event_id OFFSET 0
    ) x
  ), open AS (
    SELECT c.id, c.key, x.node, x.type, x.event_id, x.at, h.worker, x.type = ANY($3::text[]) AS held
    FROM noteworthy c JOIN seen x ON x.id = c.id AND x.event_id = c.last_id
    LEFT JOIN seen h ON h.id = c.id AND h.event_id = c.holder_id AND x.type = ANY($3::text[])
    WHERE c.end_id IS DISTINCT FROM c.last_id
  ), open_list AS (
    SELECT o.id, jsonb_agg(jsonb_build_object('key', o.key, 'node', o.node, 'type', o.type,
      'event_id', o.event_id::text, 'worker', o.worker, 'at', o.at)) AS list
    FROM (SELECT n.*, ${place('n.held DESC, n.nth', 'n.id')} AS place
          FROM (SELECT p.*, ${place('p.event_id DESC', 'p.id, p.held, p.worker')} AS nth FROM open p) n) o
    WHERE o.place <= ${ROWS_A_LIST} GROUP BY o.id
  ), loose_list AS (
    SELECT l.id, jsonb_agg(jsonb_build_object('node', x.node, 'worker', w.worker, 'event_id', l.end_id::text,
      'count', l.ends)) AS list
    FROM (SELECT c.*, ${place('c.end_id DESC', 'c.id')} AS place
          FROM noteworthy c WHERE c.end_id IS NOT NULL AND c.start_id IS NULL AND ${isLoose}) l
    JOIN seen x ON x.id = l.id AND x.event_id = l.end_id
    LEFT JOIN seen w ON w.id = l.id AND w.event_id = l.ender_id
    WHERE l.place <= ${ROWS_A_LIST} GROUP BY l.id
  ), parked_list AS (
    SELECT p.id, jsonb_agg(jsonb_build_object('key', p.key, 'node', x.node, 'type', x.type,
      'event_id', p.parked_id::text, 'worker', NULL, 'at', x.at)) AS list
    FROM (SELECT c.*, ${place('c.parked_id DESC', 'c.id')} AS place
          FROM noteworthy c WHERE c.parked_id = c.last_id AND coalesce(c.answer_id, 0) < c.parked_id) p
    JOIN seen x ON x.id = p.id AND x.event_id = p.parked_id
    WHERE p.place <= ${ROWS_A_LIST} GROUP BY p.id
  ), answer_list AS (
    SELECT l.id, jsonb_agg(jsonb_build_object('node', x.node, 'worker', NULL, 'event_id', l.answer_id::text,
      'count', l.answers)) AS list
    FROM (SELECT c.*, ${place('c.answer_id DESC', 'c.id')} AS place
          FROM noteworthy c WHERE c.answer_id IS NOT NULL AND c.last_id IS NULL AND ${isLoose}) l
    JOIN seen x ON x.id = l.id AND x.event_id = l.answer_id
    WHERE l.place <= ${ROWS_A_LIST} GROUP BY l.id
  )
  SELECT i.id::text AS execution_id, i.after IS NOT NULL AS is_cut, open_list.list AS open, loose_list.list AS loose_ends,
    parked_list.list AS parked, answer_list.list AS loose_answers, finished.event_type AS finished_type,
    finished.node_name AS finished_node, ${epochMs('finished.created_at')} AS finished_at,
    failed.event_type AS failed_type, failed.node_name AS failed_node, failed.at AS failed_at, failed.text AS failed_text,
    edge.*
  FROM (SELECT NULL::timestamptz AS ingest_time) absent
  CROSS JOIN cut i
  LEFT JOIN open_list ON open_list.id = i.id
  LEFT JOIN loose_list ON loose_list.id = i.id
  LEFT JOIN parked_list ON parked_list.id = i.id
  LEFT JOIN answer_list ON answer_list.id = i.id
  LEFT JOIN LATERAL (
    SELECT e.event_type, e.node_name, e.created_at FROM ${tables.event} e
    WHERE e.execution_id = i.id ${within} AND e.event_type = ANY($5::text[]) ORDER BY e.event_id DESC LIMIT 1
  ) finished ON true
  LEFT JOIN LATERAL (
    SELECT x.* FROM (
      SELECT e.event_type, e.node_name, ${epochMs('e.created_at')} AS at, ${failureText('e')} AS text
      FROM ${tables.event} e
      WHERE e.execution_id = i.id ${within} AND e.event_type = ANY($6::text[]) ORDER BY e.event_id DESC LIMIT 1
    ) x WHERE x.event_type = ANY($7::text[])
  ) failed ON true
  CROSS JOIN LATERAL (
    SELECT ${ingestText('l.ingest')} AS ingest_time, ${ingestText('f.ingest')} AS first_ingest_time,
      ${epochMs('l.ingest')} AS ingest_at, ${epochMs('l.ingest')} - ${epochMs('l.created_at')} AS lag_ms,
      ${epochMs('l.created_at')} AS last_at
    FROM (SELECT e.created_at, ingest_time AS ingest FROM ${tables.event} e
          WHERE e.execution_id = i.id ${within} ORDER BY e.event_id DESC LIMIT 1) l
    CROSS JOIN (SELECT ingest_time AS ingest FROM ${tables.event} e
          WHERE e.execution_id = i.id ${within} ORDER BY e.event_id LIMIT 1) f
  ) edge`,
    values: [
      ids,
      COMMAND_END_TYPES,
      COMMAND_HELD_TYPES,
      READ_TYPES,
      STEP_FINISH_TYPES,
      [...COMMAND_END_TYPES, ...FAILURE_TYPES],
      FAILURE_TYPES,
      ...idBounds(ids),
      long === 'cut' ? NEWEST_READ : long === 'left-out' ? SHORT : null,
      long === 'left-out',
    ],
  };
}
