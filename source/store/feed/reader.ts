import { chunked, read, type StoreContext } from '../connection/context.js';
import { StoreError } from '../errors.js';
import type { FeedReader, WorkerReader, WorkerRecord } from '../event-store.js';
import { clock } from '../executions/statements.js';
import { mapFeedEvent } from '../row-mapping.js';
import { catalogEntries, eventsSince, type FeedRow, type WorkerRow, workers } from './statements.js';

export function feedReader(context: StoreContext): FeedReader {
  const { tables } = context;
  return {
    eventsSince: (since, limit, options) =>
      read(context, options, async (transaction) => {
        const [{ now } = { now: 0 }] = await transaction.query<{ now: number }>(clock());
        const rows = await transaction.query<FeedRow & Record<string, unknown>>(eventsSince(tables, since, limit));
        return { events: rows.slice(0, limit).map(mapFeedEvent), asOf: now, truncated: rows.length > limit };
      }),

    catalogEntries: (catalogIds, options) =>
      read(context, options, async (transaction) => {
        const entries = new Map<string, { path: string; version: number | null }>();
        for (const chunk of chunked([...new Set(catalogIds)])) {
          const rows = await transaction.query<{ catalog_id: string; path: string; version: number | null }>(
            catalogEntries(tables, chunk),
          );
          for (const row of rows) entries.set(row.catalog_id, { path: row.path, version: row.version });
        }
        return entries;
      }),
  };
}

export function workerReader(context: StoreContext): WorkerReader {
  return {
    async workers(options) {
      if (!(await context.capabilities(options)).runtime_table) return null;
      const rows = await read(context, options, (transaction) =>
        transaction.query<WorkerRow & Record<string, unknown>>(workers(context.tables)),
      ).catch((error: unknown) => {
        // A table that may not be read says as much of the workers as one that is not there.
        if (error instanceof StoreError && error.kind === 'no-privilege') return [];
        throw error;
      });
      if (rows.length === 0) return null;
      return rows.map(
        (row): WorkerRecord => ({
          name: row.name,
          kind: row.kind,
          status: row.status,
          heartbeatAt: row.heartbeat_at,
          createdAt: row.registered_at,
        }),
      );
    },
  };
}
