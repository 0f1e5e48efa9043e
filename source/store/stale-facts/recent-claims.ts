import { COMMAND_CLAIMED, COMMAND_ISSUED } from '../../domain/event-types.js';
import type { Tables } from '../connection/tables.js';
import { epochMs, naiveUtc, type Sql } from '../sql.js';

/** Events that are read for claims; above this the answer says that it is not complete. */
const CLAIM_EVENTS = 20_000;
/** Claims whose issue is looked up. */
const CLAIMS_LOOKED_UP = 500;

export interface RecentClaimsRow {
  workers: string[] | null;
  newest_issue: number | null;
  complete: boolean;
}

/**
 * Who claimed a command since a time, and when the latest issued of those commands was issued. The newest events are
 * read through (created_at), a bounded number; each claim's issue is one probe of (execution_id, event_type, meta's
 * command_id). OFFSET 0 keeps the read and the probes apart.
 */
export function recentClaims(tables: Tables, since: number): Sql<RecentClaimsRow> {
  return {
    name: 'recent-claims',
    text: `WITH newest AS MATERIALIZED (
    SELECT e.execution_id, e.event_id, e.event_type, e.worker_id, e.meta, e.created_at FROM ${tables.event} e
    WHERE e.created_at >= ${naiveUtc('$1')} ORDER BY e.created_at DESC LIMIT ${CLAIM_EVENTS + 1}
  ), claim AS MATERIALIZED (
    SELECT n.execution_id, n.meta->>'command_id' AS key, coalesce(n.worker_id, n.meta->>'worker_id') AS worker,
      row_number() OVER (ORDER BY n.created_at DESC, n.event_id DESC) AS nth
    FROM newest n WHERE n.event_type = $2
  )
  SELECT (SELECT array_agg(DISTINCT c.worker) FILTER (WHERE c.worker IS NOT NULL) FROM claim c) AS workers,
    (SELECT max(i.at) FROM claim c CROSS JOIN LATERAL (
      SELECT ${epochMs('e.created_at')} AS at FROM ${tables.event} e
      WHERE c.key IS NOT NULL AND e.execution_id = c.execution_id AND e.event_type = $3
        AND e.meta ? 'command_id' AND e.meta->>'command_id' = c.key ORDER BY e.event_id LIMIT 1 OFFSET 0
    ) i WHERE c.nth <= ${CLAIMS_LOOKED_UP}) AS newest_issue,
    (SELECT count(*) <= ${CLAIM_EVENTS} FROM newest) AS complete`,
    values: [since, COMMAND_CLAIMED, COMMAND_ISSUED],
  };
}
