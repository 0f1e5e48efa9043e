import { CANCELLED_TYPES } from '../../domain/event-types.js';
import type { EpochMs } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import { chunkedIds, readAtOnce, type StoreContext } from '../connection/context.js';
import type { Tables } from '../connection/tables.js';
import type { CancellationRecord, CancellationStore, ReadOptions } from '../event-store.js';
import { epochMs, naiveUtc, type Sql } from '../sql.js';
import { cancelBlockers } from './cancel-blockers.js';

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
export function recentCancelRows(tables: Tables, limit: number, since: number | null): Sql<CancellationRow> {
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

/**
 * The cancel rows of one batch. No index knows meta's batch_id, so every cancel row is read, through (event_type): 0.1 %
 * to 2 % of a table; `since` bounds them. OFFSET 0 keeps the test of the batch, which the planner cannot estimate, out
 * of the choice of the index.
 */
export function batchCancelRows(tables: Tables, batchId: string, since: number | null): Sql<CancellationRow> {
  const bound = since === null ? '' : `AND x.created_at >= ${naiveUtc('$3')}`;
  return {
    name: 'batch-cancel-rows',
    text: `SELECT ${CANCELLATION_COLUMNS}
  FROM (SELECT x.* FROM ${tables.event} x WHERE x.event_type = ANY($1::text[]) ${bound} OFFSET 0) e
  LEFT JOIN ${tables.catalog} c ON c.catalog_id = e.catalog_id
  WHERE e.meta->>'batch_id' = $2
  ORDER BY e.created_at, e.event_id`,
    values: [CANCELLED_TYPES, batchId, ...(since === null ? [] : [since])],
  };
}

/** Until the end of the transaction: where cancel rows are many, the planner would rather read whole partitions. */
export const batchSettings = (): Sql => ({
  name: 'batch-settings',
  text: 'SET LOCAL enable_seqscan = off',
  values: [],
});

/** A log of years holds some 100,000 cancellations: a second or two. */
const BATCH_TIMEOUT_MS = 60_000;

/** @internal */
export function cancellationReader(
  context: StoreContext,
): Pick<CancellationStore, 'recentCancellations' | 'cancellationsOfBatch'> {
  return {
    async recentCancellations(limit, options) {
      const since = options?.since ?? null;
      const [rows] = await readAtOnce(context, options, () => [recentCancelRows(context.tables, limit, since)]);
      return mapCancellations(rows, limit);
    },

    async cancellationsOfBatch(batchId, options) {
      const since = options?.since ?? null;
      const statements = () => [batchSettings(), batchCancelRows(context.tables, batchId, since)] as const;
      const [, rows] = await readAtOnce(context, { timeoutMs: BATCH_TIMEOUT_MS, ...options }, statements);
      return mapCancellations(rows, Number.POSITIVE_INFINITY);
    },
  };
}

/** One record an execution from its cancel rows, newest first; `execution.cancelled` is the row that workers obey. */
export function mapCancellations(rows: readonly CancellationRow[], limit: number): CancellationRecord[] {
  const chosen = new Map<string, CancellationRow>();
  for (const row of rows) {
    const before = chosen.get(row.execution_id);
    if (!before || (before.event_type !== 'execution.cancelled' && row.event_type === 'execution.cancelled')) {
      chosen.set(row.execution_id, row);
    }
  }
  return [...chosen.values()].slice(0, limit).map((row) => ({
    executionId: row.execution_id,
    path: row.path,
    at: row.at,
    eventId: row.event_id,
    reason: row.reason,
    cancelledBy: row.cancelled_by,
    cascade: row.cascade === null ? null : row.cascade === 'true',
    parentCancelId: row.parent_cancel_id,
    batchId: row.batch_id,
    source: row.source,
  }));
}

/** What the table knows of an execution at a moment, as far as it decides whether a cancel may be written. */
export interface CancelState {
  readonly executionId: ExecutionId;
  readonly lastEventAt: EpochMs;
  /** The types of its terminal events, in no particular order. */
  readonly terminalTypes: readonly string[];
  /** Of its `execution.cancelled`, else of another cancel row; null where it has none. */
  readonly cancel: {
    readonly eventId: string;
    readonly at: EpochMs;
    readonly cancelledBy: string | null;
    readonly batchId: string | null;
  } | null;
}

export interface CancelStateReader {
  /** The states of those among these ids that have rows. */
  cancelStates(ids: readonly ExecutionId[], options?: ReadOptions): Promise<ReadonlyMap<ExecutionId, CancelState>>;
}

/** @internal */
export function cancelStateReader(context: StoreContext): CancelStateReader {
  return {
    async cancelStates(ids, options) {
      const states = new Map<string, CancelState>();
      for (const chunk of chunkedIds(ids)) {
        const [rows] = await readAtOnce(context, options, () => [cancelBlockers(context.tables, chunk)]);
        for (const row of rows) {
          if (row.last_event_id === null || row.last_at === null) continue;
          states.set(row.execution_id, {
            executionId: row.execution_id,
            lastEventAt: row.last_at,
            terminalTypes: row.terminal_types ?? [],
            cancel:
              row.cancel_event_id === null || row.cancel_at === null
                ? null
                : {
                    eventId: row.cancel_event_id,
                    at: row.cancel_at,
                    cancelledBy: row.cancelled_by,
                    batchId: row.batch_id,
                  },
          });
        }
      }
      return states;
    },
  };
}
