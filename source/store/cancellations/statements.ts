import { CANCELLED_TYPES, TERMINAL_TYPES } from '../../domain/event-types.js';
import type { Tables } from '../connection/tables.js';
import { endsOf } from '../executions/ends.js';
import { epochMs, idBounds, naiveUtc, type Sql, withinBounds } from '../sql.js';

/** 'noet' in ASCII: the first key of the console's advisory locks, so that they collide with nobody else's. */
const LOCK_CLASS = 0x6e6f6574;

/**
 * Locks executions against other consoles until the transaction ends. In the order of the keys whatever the order of
 * the ids, so that two batches that overlap wait for one another instead of deadlocking; two ids that share a key
 * share a lock, which only makes somebody wait.
 */
export function lockExecutions(ids: readonly string[]): Sql {
  return {
    name: 'lock-executions',
    text: `SELECT count(pg_advisory_xact_lock(${LOCK_CLASS}, k.key)) FROM (
    SELECT DISTINCT (i.id % 2147483647)::int AS key FROM unnest($1::bigint[]) AS i (id) ORDER BY key OFFSET 0
  ) k`,
    values: [ids],
  };
}

/** One target as the INSERT takes it. */
export interface AppendTarget {
  readonly executionId: string;
  readonly parentExecutionId: string | null;
  /** The lowest first event id to use; the INSERT goes higher when the execution's own are. */
  readonly eventId: string;
  readonly eventTypes: readonly string[];
  readonly meta: unknown;
  readonly context: unknown;
}

/**
 * Appends the cancel's rows wherever no terminal event exists, and answers which rows were written. What is read here is
 * read under the lock, in the statement that writes: nothing can come between, except a server that finishes the
 * execution in the same instant and takes no lock (then both ends stand, and COMPLETED outranks).
 */
export function appendCancelRows(
  tables: Tables,
  targets: readonly AppendTarget[],
  options: { hasPrevEventId: boolean; quietSince: number | null },
): Sql {
  const chain = options.hasPrevEventId;
  const within = (alias: string) => withinBounds(`${alias}.execution_id`, '$4', '$5');
  return {
    name: 'append-cancel-rows',
    text: `WITH target AS (
    SELECT * FROM jsonb_to_recordset($1::jsonb) AS t (
      ord int, execution_id bigint, parent_execution_id bigint, first_id bigint, types text[], meta jsonb, context jsonb)
  ), fact AS MATERIALIZED (
    SELECT g.*, l.event_id AS last_id, greatest(g.first_id, l.event_id + 1) AS base_id,
      l.catalog_id, l.tenant_id, l.organization_id
    FROM target g
    CROSS JOIN LATERAL (
      SELECT e.event_id, e.created_at, e.catalog_id, e.tenant_id, e.organization_id FROM ${tables.event} e
      WHERE e.execution_id = g.execution_id ${within('e')} ORDER BY e.event_id DESC LIMIT 1
    ) l
    WHERE l.event_id < 9223372036854775800
      AND ($2::float8 IS NULL OR l.created_at < ${naiveUtc('$2')})
      AND NOT EXISTS (${endsOf(tables, 'g.execution_id', '$3', within('t'))} OFFSET 0)
  )
  INSERT INTO ${tables.event} (execution_id, event_id, ${chain ? 'prev_event_id, ' : ''}catalog_id, parent_execution_id,
    created_at, event_type, node_id, node_name, status, context, meta, tenant_id, organization_id)
  SELECT f.execution_id, f.base_id + r.n - 1,
    ${chain ? 'CASE WHEN r.n = 1 THEN f.last_id ELSE f.base_id + r.n - 2 END,' : ''}
    f.catalog_id, f.parent_execution_id, clock_timestamp() AT TIME ZONE 'UTC', r.event_type, 'cancel', 'cancel',
    'CANCELLED', f.context, f.meta, f.tenant_id, f.organization_id
  FROM fact f CROSS JOIN LATERAL unnest(f.types) WITH ORDINALITY AS r (event_type, n)
  ORDER BY f.ord, r.n
  RETURNING execution_id::text, event_id::text, event_type, ${epochMs('created_at')} AS at`,
    values: [
      JSON.stringify(
        targets.map((target, ord) => ({
          ord,
          execution_id: target.executionId,
          parent_execution_id: target.parentExecutionId,
          first_id: target.eventId,
          types: target.eventTypes,
          meta: target.meta,
          context: target.context,
        })),
      ),
      options.quietSince,
      TERMINAL_TYPES,
      ...idBounds(targets.map((target) => target.executionId)),
    ],
  };
}

export interface BlockerRow {
  execution_id: string;
  last_event_id: string | null;
  last_at: number | null;
  terminal_types: string[] | null;
  cancelled_by: string | null;
  batch_id: string | null;
  cancel_event_id: string | null;
  cancel_at: number | null;
}

/** Why executions were not written to: their newest event, how they ended, and who cancelled them first. */
export function cancelBlockers(tables: Tables, ids: readonly string[]): Sql {
  const within = withinBounds('e.execution_id', '$4', '$5');
  return {
    name: 'cancel-blockers',
    text: `SELECT i.id::text AS execution_id, l.event_id::text AS last_event_id, ${epochMs('l.created_at')} AS last_at,
    t.types AS terminal_types, c.cancelled_by, c.batch_id, c.event_id::text AS cancel_event_id, ${epochMs('c.created_at')} AS cancel_at
  FROM unnest($1::bigint[]) AS i (id)
  LEFT JOIN LATERAL (SELECT e.event_id, e.created_at FROM ${tables.event} e
    WHERE e.execution_id = i.id ${within} ORDER BY e.event_id DESC LIMIT 1) l ON true
  LEFT JOIN LATERAL (SELECT array_agg(x.event_type) AS types
    FROM (${endsOf(tables, 'i.id', '$2', withinBounds('t.execution_id', '$4', '$5'))}) x) t ON true
  LEFT JOIN LATERAL (SELECT e.event_id, e.created_at,
      coalesce(e.meta->>'cancelled_by', e.context->>'cancelled_by') AS cancelled_by, e.meta->>'batch_id' AS batch_id
    FROM ${tables.event} e WHERE e.execution_id = i.id ${within} AND e.event_type = ANY($3::text[])
    ORDER BY (e.event_type = 'execution.cancelled') DESC, e.event_id LIMIT 1) c ON true`,
    values: [ids, TERMINAL_TYPES, CANCELLED_TYPES, ...idBounds(ids)],
  };
}

export interface CancellationRow {
  execution_id: string;
  path: string | null;
  event_id: string;
  event_type: string;
  at: number;
  reason: string | null;
  cancelled_by: string | null;
  cascade: string | null;
  parent_cancel_id: string | null;
  batch_id: string | null;
  source: string | null;
}

/** What a CancellationRow holds, of a row `e` and its catalog row `c`. */
export const CANCELLATION_COLUMNS = `e.execution_id::text, c.path, e.event_id::text, e.event_type, ${epochMs('e.created_at')} AS at,
    coalesce(e.meta->>'reason', e.context->>'reason') AS reason,
    coalesce(e.meta->>'cancelled_by', e.context->>'cancelled_by') AS cancelled_by,
    e.meta->>'cascade' AS cascade, e.meta->>'parent_cancel_id' AS parent_cancel_id,
    e.meta->>'batch_id' AS batch_id, e.meta->>'source' AS source`;

/** The latest cancel rows, newest first; an execution that Rust began has two of them, so the caller joins pairs. */
export function recentCancelRows(tables: Tables, limit: number, since: number | null): Sql {
  return {
    name: 'recent-cancel-rows',
    text: `SELECT ${CANCELLATION_COLUMNS}
  FROM (SELECT * FROM ${tables.event} e WHERE e.event_type = ANY($1::text[])
    ${since === null ? '' : `AND e.created_at >= ${naiveUtc('$3')}`}
    ORDER BY e.created_at DESC LIMIT $2) e
  LEFT JOIN ${tables.catalog} c ON c.catalog_id = e.catalog_id
  ORDER BY e.created_at DESC, e.event_id DESC`,
    values: since === null ? [CANCELLED_TYPES, limit * 2] : [CANCELLED_TYPES, limit * 2, since],
  };
}
