import type { Tables } from '../connection/tables.js';

/**
 * A subquery of the events that end one execution: `event_type`, `created_at`.
 *
 * One probe of (execution_id, event_type, event_id) for each type rather than `event_type = ANY (types)`: the planner
 * may answer that from (execution_id, event_id) and read the whole execution, which has had 200,000 rows. OFFSET 0
 * keeps each probe one.
 *
 * @param execution the SQL of the execution's id
 * @param types the parameter that holds the terminal types
 * @param within a further condition on `t.execution_id` (sql.ts, withinBounds)
 */
export const endsOf = (tables: Tables, execution: string, types: string, within = ''): string => `
    SELECT f.event_type, f.created_at FROM unnest(${types}::text[]) AS k (type)
    CROSS JOIN LATERAL (
      SELECT t.event_type, t.created_at FROM ${tables.event} t
      WHERE t.execution_id = ${execution} ${within} AND t.event_type = k.type OFFSET 0
    ) f`;
