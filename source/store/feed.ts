import type { EventSummary } from '../domain/execution.js';
import { chunked, readAtOnce, readPieces, type StoreContext } from './connection/context.js';
import type { Tables } from './connection/tables.js';
import type { FeedEvent, FeedReader } from './event-store.js';
import { clock, epochMs, naiveUtc, type Sql } from './sql.js';

/** What every read of events has of an event. */
export interface EventSummaryRow {
  event_id: string;
  event_type: string | null;
  node_name: string | null;
  status: string | null;
  worker: string | null;
  at: number;
}

export const mapEventSummary = (row: EventSummaryRow): EventSummary => ({
  eventId: row.event_id,
  type: row.event_type ?? '',
  node: row.node_name,
  status: row.status,
  workerId: row.worker,
  at: row.at,
});

interface FeedEventRow extends EventSummaryRow {
  execution_id: string;
  parent_execution_id: string | null;
  catalog_id: string | null;
}

/** Events written at or after a time, oldest first, through (created_at): the cost follows the new events alone. */
export function eventsSince(tables: Tables, since: number, limit: number): Sql<FeedEventRow> {
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

interface CatalogRow {
  catalog_id: string;
  path: string;
  version: number | null;
}

/** Paths and versions of catalog rows. */
export function catalogEntries(tables: Tables, ids: readonly string[]): Sql<CatalogRow> {
  return {
    name: 'catalog-entries',
    text: `SELECT c.catalog_id::text, c.path, c.version FROM ${tables.catalog} c WHERE c.catalog_id = ANY($1::bigint[])`,
    values: [ids],
  };
}

export function mapFeedEvent(row: FeedEventRow): FeedEvent {
  return {
    ...mapEventSummary(row),
    executionId: row.execution_id,
    parentExecutionId: row.parent_execution_id,
    catalogId: row.catalog_id,
  };
}

export function feedReader(context: StoreContext): FeedReader {
  const { tables } = context;
  return {
    eventsSince: async (since, limit, options) => {
      const statements = () => [clock(), eventsSince(tables, since, limit)] as const;
      const [[moment], rows] = await readAtOnce(context, options, statements);
      return { events: rows.slice(0, limit).map(mapFeedEvent), asOf: moment?.now ?? 0, truncated: rows.length > limit };
    },

    catalogEntries: async (catalogIds, options) => {
      const ids = chunked([...new Set(catalogIds)]);
      const { rows } = await readPieces(context, options, ids, (chunk) => catalogEntries(tables, chunk));
      return new Map(rows.map((row) => [row.catalog_id, { path: row.path, version: row.version }]));
    },
  };
}
