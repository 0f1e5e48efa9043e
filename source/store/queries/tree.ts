import { PYTHON_START_TYPE, TERMINAL_TYPES } from '../../domain/event-types.js';
import { idBounds, type Sql, withinBounds } from '../sql.js';
import { endsOf } from './ends.js';
import type { Tables } from './tables.js';

/**
 * Every parent-child link below some executions. The seed's query joins the whole event table at every level; here each
 * execution is one probe into (parent_execution_id), and UNION keeps a link once, which is also what ends a cycle. The
 * recursion starts from the ids themselves, so that the table is mentioned, and its partitions are planned, only once.
 */
export function linksBelow(tables: Tables, ids: readonly string[], limit: number): Sql {
  return {
    name: 'links-below',
    text: `WITH RECURSIVE below (parent, child) AS (
    SELECT NULL::bigint, i.id FROM unnest($1::bigint[]) AS i (id)
    UNION
    SELECT b.child, k.execution_id FROM below b
    CROSS JOIN LATERAL (SELECT DISTINCT e.execution_id FROM ${tables.event} e
                        WHERE e.parent_execution_id = b.child OFFSET 0) k
  )
  SELECT parent::text, child::text FROM below WHERE parent IS NOT NULL LIMIT $2`,
    values: [ids, limit],
  };
}

/**
 * Inline Python children: they name their parent in meta only, which no index covers. They begin while their parent
 * runs, so the starts of that stretch of event ids are read, through the partial index on start events.
 */
export function inlineLinks(tables: Tables, ids: readonly string[], fromEventId: string, toEventId: string): Sql {
  return {
    name: 'inline-links',
    text: `SELECT s.meta->>'inlined_in_parent' AS parent, s.execution_id::text AS child FROM ${tables.event} s
  WHERE s.event_type = '${PYTHON_START_TYPE}' AND s.event_id >= $2::bigint AND s.event_id <= $3::bigint
    AND s.parent_execution_id IS NULL AND s.meta->>'inlined_in_parent' = ANY($1::text[])`,
    values: [ids, fromEventId, toEventId],
  };
}

/** The stretch of event ids in which inline children of these executions may have begun; only Python's count. */
export function inlineWindow(tables: Tables, ids: readonly string[]): Sql {
  const within = withinBounds('e.execution_id', '$2', '$3');
  return {
    name: 'inline-window',
    text: `SELECT s.execution_id::text, s.event_id::text AS first, l.event_id::text AS last
  FROM unnest($1::bigint[]) AS i (id)
  CROSS JOIN LATERAL (SELECT e.execution_id, e.event_id FROM ${tables.event} e
    WHERE e.execution_id = i.id ${within} AND e.event_type = '${PYTHON_START_TYPE}' LIMIT 1) s
  CROSS JOIN LATERAL (SELECT e.event_id FROM ${tables.event} e
    WHERE e.execution_id = i.id ${within} ORDER BY e.event_id DESC LIMIT 1) l`,
    values: [ids, ...idBounds(ids)],
  };
}

/** How many direct children, and how many of those have begun and not ended. */
export function childCounts(tables: Tables, ids: readonly string[]): Sql {
  return {
    name: 'child-counts',
    text: `SELECT i.id::text AS parent, count(*)::int AS "all", count(*) FILTER (WHERE k.live)::int AS live
  FROM unnest($1::bigint[]) AS i (id)
  CROSS JOIN LATERAL (
    SELECT d.execution_id,
      NOT EXISTS (${endsOf(tables, 'd.execution_id', '$2')} OFFSET 0) AS live
    FROM (SELECT DISTINCT e.execution_id FROM ${tables.event} e WHERE e.parent_execution_id = i.id OFFSET 0) d
  ) k GROUP BY i.id`,
    values: [ids, TERMINAL_TYPES],
  };
}
