import { CANCELLED_TYPES, TERMINAL_TYPES } from '../../domain/event-types.js';
import type { Tables } from '../connection/tables.js';
import { endsOf } from '../executions/ends.js';
import { epochMs, idBounds, type Sql, withinBounds } from '../sql.js';

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
export function cancelBlockers(tables: Tables, ids: readonly string[]): Sql<BlockerRow> {
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
