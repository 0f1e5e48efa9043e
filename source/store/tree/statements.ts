import { PYTHON_START_TYPE, TERMINAL_TYPES } from '../../domain/event-types.js';
import type { Tables } from '../connection/tables.js';
import { endsOf } from '../executions/ends.js';
import { idBounds, type Sql, withinBounds } from '../sql.js';

/**
 * An array that the planner does not look into. With the values in sight it compares each with the column's common
 * ones (1,000 ids took 30 ms to plan over 17 partitions), and one parent of half the table turns the probe of every
 * other id into a sequential scan.
 */
const opaque = (parameter: string): string => `ANY((SELECT ${parameter}::bigint[])::bigint[])`;

/**
 * The direct children of some executions: one pass through (parent_execution_id) for all of them, at most `limit`
 * links. Beside PLAN_BY_INDEX its plan is the same with any statistics and with none.
 */
export function childrenOf(tables: Tables, ids: readonly string[], limit: number): Sql {
  return {
    name: 'children-of',
    text: `SELECT k.parent::text, k.child::text FROM (
    SELECT DISTINCT e.parent_execution_id AS parent, e.execution_id AS child FROM ${tables.event} e
    WHERE e.parent_execution_id = ${opaque('$1')} LIMIT $2
  ) k`,
    values: [ids, limit],
  };
}

/**
 * The links of the next `depth` levels, for narrow frontiers of deep trees: a statement a level would be planned anew
 * for each (5 ms over 17 partitions). Each node is a probe of its own, which a wide level cannot afford.
 */
export function linksBelowNarrow(tables: Tables, ids: readonly string[], depth: number, limit: number): Sql {
  return {
    name: 'links-below-narrow',
    text: `WITH RECURSIVE below (parent, child, depth) AS (
    SELECT NULL::bigint, i.id, 0 FROM unnest($1::bigint[]) AS i (id)
    UNION
    SELECT b.child, k.execution_id, b.depth + 1 FROM below b
    CROSS JOIN LATERAL (SELECT DISTINCT e.execution_id FROM ${tables.event} e
                        WHERE e.parent_execution_id = b.child OFFSET 0) k
    WHERE b.depth < $2::int
  )
  SELECT parent::text, child::text, depth FROM below WHERE parent IS NOT NULL LIMIT $3`,
    values: [ids, depth, limit],
  };
}

const CHILDREN_CURSOR = 'noetl_console_children';

/**
 * A cursor over the rows that name one parent, for a parent with more of them than one statement may read. A child
 * comes as often as its rows name the parent.
 */
export const openChildren = (tables: Tables, id: string): Sql => ({
  name: 'open-children',
  text: `DECLARE ${CHILDREN_CURSOR} NO SCROLL CURSOR FOR
  SELECT e.execution_id::text AS child FROM ${tables.event} e WHERE e.parent_execution_id = $1::bigint`,
  values: [id],
});
export const fetchChildren = (rows: number): Sql => ({
  name: 'fetch-children',
  text: `FETCH ${Math.trunc(rows)} FROM ${CHILDREN_CURSOR}`,
  values: [],
});
export const closeChildren = (): Sql => ({ name: 'close-children', text: `CLOSE ${CHILDREN_CURSOR}`, values: [] });

/**
 * The stretch of event ids in which inline children of each of these may have begun. Only Python has them, so the
 * executions of Rust cost one pass through (execution_id, event_type) and yield nothing.
 */
export function inlineWindow(tables: Tables, ids: readonly string[]): Sql {
  const within = (alias: string) => withinBounds(`${alias}.execution_id`, '$2', '$3');
  return {
    name: 'inline-window',
    text: `SELECT s.execution_id::text, s.event_id::text AS first, l.event_id::text AS last
  FROM (SELECT e.execution_id, e.event_id FROM ${tables.event} e
    WHERE e.execution_id = ${opaque('$1')} ${within('e')} AND e.event_type = '${PYTHON_START_TYPE}' OFFSET 0) s
  CROSS JOIN LATERAL (SELECT e.event_id FROM ${tables.event} e
    WHERE e.execution_id = s.execution_id ${within('e')} ORDER BY e.event_id DESC LIMIT 1) l`,
    values: [ids, ...idBounds(ids)],
  };
}

export interface InlineLinkRow {
  readonly parent: string | null;
  readonly child: string;
  /** The last event id that this page has read, and how many starts that were. */
  readonly read_to: string;
  readonly starts: number;
}

/**
 * A page of a stretch of event ids: its inline children of any parent. They name the parent in meta only, which no
 * index covers, so the page is so many starts of Python executions, through their partial index. A page always has a
 * row: one without a child where it holds none.
 */
export function inlineLinks(tables: Tables, afterEventId: string, toEventId: string, starts: number): Sql {
  return {
    name: 'inline-links',
    text: `WITH page AS MATERIALIZED (
    SELECT s.event_id, s.execution_id, CASE WHEN s.parent_execution_id IS NULL THEN s.meta->>'inlined_in_parent' END AS parent
    FROM ${tables.event} s
    WHERE s.event_type = '${PYTHON_START_TYPE}' AND s.event_id > $1::bigint AND s.event_id <= $2::bigint
    ORDER BY s.event_id LIMIT $3
  ), size AS (SELECT max(event_id) AS read_to, count(*)::int AS starts FROM page)
  SELECT p.parent, p.execution_id::text AS child, z.read_to::text, z.starts
  FROM size z LEFT JOIN page p ON p.parent IS NOT NULL`,
    values: [afterEventId, toEventId, starts],
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
