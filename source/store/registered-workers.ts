import { readAtOnce, type StoreContext } from './connection/context.js';
import type { Tables } from './connection/tables.js';
import { StoreError } from './errors.js';
import type { WorkerReader, WorkerRecord } from './event-store.js';
import { epochMs, type Sql } from './sql.js';

/** A row of noetl.runtime. */
export interface WorkerRow {
  name: string;
  kind: string | null;
  status: string | null;
  heartbeat_at: number | null;
  registered_at: number | null;
}

/** Registered workers; `absent` stands for a column that older installs lack. */
export function workers(tables: Tables): Sql<WorkerRow> {
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

export function workerReader(context: StoreContext): WorkerReader {
  return {
    async workers(options) {
      // Where it is not known yet whether the table is there, asking it costs no round trip more than asking for it.
      const known = context.knownCapabilities();
      if (known && !known.runtime_table) return null;
      const [rows] = await readAtOnce(context, options, () => [workers(context.tables)]).catch(
        async (error: unknown) => {
          // A table that may not be read says as much of the workers as one that is not there.
          const isAbsent = error instanceof StoreError && (error.kind === 'no-privilege' || error.kind === 'no-schema');
          if (!isAbsent || (await context.capabilities(options)).runtime_table) throw error;
          return [[]];
        },
      );
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
