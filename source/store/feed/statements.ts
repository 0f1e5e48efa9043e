import type { Tables } from '../connection/tables.js';
import { epochMs, naiveUtc, type Sql } from '../sql.js';

export interface FeedRow {
  execution_id: string;
  event_id: string;
  event_type: string;
  node_name: string | null;
  status: string | null;
  worker: string | null;
  at: number;
  parent_execution_id: string | null;
  catalog_id: string | null;
}

/** Events written at or after a time, oldest first, through (created_at): the cost follows the new events alone. */
export function eventsSince(tables: Tables, since: number, limit: number): Sql {
  return {
    name: 'events-since',
    text: `SELECT e.execution_id::text, e.event_id::text, e.event_type, e.node_name, e.status,
    coalesce(e.worker_id, e.meta->>'worker_id') AS worker, ${epochMs('e.created_at')} AS at,
    coalesce(e.parent_execution_id::text, e.meta->>'inlined_in_parent') AS parent_execution_id, e.catalog_id::text
  FROM ${tables.event} e
  WHERE e.created_at >= ${naiveUtc('$1')} ORDER BY e.created_at, e.event_id LIMIT $2`,
    values: [since, limit + 1],
  };
}

/** Paths and versions of catalog rows. */
export function catalogEntries(tables: Tables, ids: readonly string[]): Sql {
  return {
    name: 'catalog-entries',
    text: `SELECT c.catalog_id::text, c.path, c.version FROM ${tables.catalog} c WHERE c.catalog_id = ANY($1::bigint[])`,
    values: [ids],
  };
}

/** A row of noetl.runtime. */
export interface WorkerRow {
  name: string;
  kind: string | null;
  status: string | null;
  heartbeat_at: number | null;
  registered_at: number | null;
}

/** Registered workers; `absent` stands for a column that older installs lack. */
export function workers(tables: Tables): Sql {
  return {
    name: 'workers',
    text: `SELECT r.name, r.kind, r.status, r.heartbeat_at, r.registered_at
  FROM (SELECT NULL::timestamptz AS created_at) absent
  CROSS JOIN LATERAL (
    SELECT w.name, w.kind, w.status, ${epochMs('w.heartbeat')} AS heartbeat_at,
      ${epochMs('created_at')} AS registered_at
    FROM ${tables.runtime} w
  ) r ORDER BY r.name LIMIT 10000`,
    values: [],
  };
}
