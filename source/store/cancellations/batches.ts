import { CANCELLED_TYPES } from '../../domain/event-types.js';
import type { EpochMs } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import { read, type StoreContext } from '../connection/context.js';
import type { Tables } from '../connection/tables.js';
import type { ReadOptions } from '../event-store.js';
import { epochMs, fromMicros, micros, naiveUtc, type Sql } from '../sql.js';
import { batchSettings } from './records.js';

/** The cancels of one batch, as far as one piece of the log holds them. */
export interface CancelBatch {
  /**
   * Null for cancels that name no batch, which NoETL's own API and servers write: those of the same actor and reason
   * are one group.
   */
  readonly batchId: string | null;
  readonly cancelledBy: string | null;
  readonly reason: string | null;
  readonly source: string | null;
  readonly cascade: boolean;
  readonly executions: number;
  /** How many of them were asked for; the others are their descendants. */
  readonly requested: number;
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
  /** The newest MEMBERS of its cancels, for a look at whether they have stopped. */
  readonly members: readonly { readonly executionId: ExecutionId; readonly eventId: string; readonly at: EpochMs }[];
}

/** A piece of the log's cancels, and where the next older one begins; null at the end of the log. */
export interface CancelBatchPiece {
  readonly batches: readonly CancelBatch[];
  readonly next: string | null;
  /** When the oldest cancel of the piece was written; null where it holds none. */
  readonly oldestAt: EpochMs | null;
}

export interface BatchReader {
  /**
   * The newest `limit` cancels older than `before` (a piece's `next`), grouped by batch, in no particular order. With
   * `since` only those at or after; with `anyCancel` also the cancels that a Rust server wrote, which name no actor.
   */
  cancelBatches(
    piece: {
      readonly limit: number;
      readonly before?: string | undefined;
      readonly since?: EpochMs;
      readonly anyCancel?: boolean;
    },
    options?: ReadOptions,
  ): Promise<CancelBatchPiece>;
}

/** Members of a batch that one piece names. */
export const MEMBERS = 500;

interface BatchRow {
  batch_id: string | null;
  cancelled_by: string | null;
  reason: string | null;
  source: string | null;
  cascade: boolean;
  executions: number;
  requested: number;
  first_at: number;
  last_at: number;
  ids: string[];
  event_ids: string[];
  times: number[];
  /** Of the whole piece, the same in every row. */
  edge: string;
  edge_at: number;
  piece_rows: number;
}

/**
 * The newest cancel rows, a row a batch. Every cancel that names a batch is an `execution.cancelled`, so one row an
 * execution is read, through (event_type) or (created_at). Grouped here, because a batch of thousands is then sent as
 * one row. Times beyond JavaScript's dates, infinity above all, are left out.
 */
export function cancelBatchRows(
  tables: Tables,
  piece: { limit: number; before?: string | undefined; since?: number | undefined; anyCancel?: boolean | undefined },
): Sql<BatchRow> {
  const [at = null, execution = null, event = null] = piece.before?.split(' ') ?? [];
  const types = piece.anyCancel ? CANCELLED_TYPES : ['execution.cancelled'];
  const before = `AND e.created_at <= ${fromMicros('$3')}
      AND (e.created_at, e.execution_id, e.event_id) < (${fromMicros('$3')}, $4::bigint, $5::bigint)`;
  const since = `AND e.created_at >= ${naiveUtc('$3')}`;
  const newestFirst = 'ORDER BY o.created_at DESC, o.execution_id DESC';
  return {
    name: 'cancel-batch-rows',
    text: `WITH piece AS MATERIALIZED (
    SELECT e.execution_id, e.event_id, e.created_at, e.meta->>'batch_id' AS batch_id,
      coalesce(e.meta->>'cancelled_by', e.context->>'cancelled_by') AS cancelled_by,
      coalesce(e.meta->>'reason', e.context->>'reason') AS reason, e.meta->>'source' AS source,
      e.meta->>'cascade' = 'true' AS cascade, e.meta->>'parent_cancel_id' IS NULL AS is_requested
    FROM ${tables.event} e
    WHERE e.event_type = ANY($1::text[]) AND e.created_at > '-infinity' AND e.created_at < '275760-09-13'
      ${at !== null ? before : piece.since !== undefined ? since : ''}
    ORDER BY e.created_at DESC, e.execution_id DESC, e.event_id DESC LIMIT $2
  ), edge AS (
    SELECT concat_ws(' ', ${micros('p.created_at')}, p.execution_id, p.event_id) AS edge, ${epochMs('p.created_at')} AS edge_at,
      (SELECT count(*)::int FROM piece) AS piece_rows
    FROM piece p ORDER BY p.created_at, p.execution_id, p.event_id LIMIT 1
  ), one AS (
    SELECT DISTINCT ON (p.execution_id) p.*, CASE WHEN p.batch_id IS NULL THEN p.cancelled_by END AS loose_actor,
      CASE WHEN p.batch_id IS NULL THEN p.reason END AS loose_reason
    FROM piece p ORDER BY p.execution_id, p.batch_id IS NULL, p.cancelled_by IS NULL, p.event_id
  )
  SELECT o.batch_id, (array_agg(o.cancelled_by ${newestFirst}))[1] AS cancelled_by,
    (array_agg(o.reason ${newestFirst}))[1] AS reason, (array_agg(o.source ${newestFirst}))[1] AS source,
    coalesce(bool_or(o.cascade), false) AS cascade, count(*)::int AS executions,
    (count(*) FILTER (WHERE o.is_requested))::int AS requested,
    ${epochMs('min(o.created_at)')} AS first_at, ${epochMs('max(o.created_at)')} AS last_at,
    (array_agg(o.execution_id::text ${newestFirst}))[1:${MEMBERS}] AS ids,
    (array_agg(o.event_id::text ${newestFirst}))[1:${MEMBERS}] AS event_ids,
    (array_agg(${epochMs('o.created_at')} ${newestFirst}))[1:${MEMBERS}] AS times, edge.*
  FROM one o CROSS JOIN edge
  GROUP BY o.batch_id, o.loose_actor, o.loose_reason, edge.edge, edge.edge_at, edge.piece_rows`,
    values: [
      types,
      piece.limit,
      ...(at !== null ? [at, execution, event] : piece.since !== undefined ? [piece.since] : []),
    ],
  };
}

const mapped = (row: BatchRow): CancelBatch => ({
  batchId: row.batch_id,
  cancelledBy: row.cancelled_by,
  reason: row.reason,
  source: row.source,
  cascade: row.cascade,
  executions: row.executions,
  requested: row.requested,
  firstAt: row.first_at,
  lastAt: row.last_at,
  members: row.ids.map((executionId, at) => ({
    executionId,
    eventId: row.event_ids[at] ?? '0',
    at: row.times[at] ?? row.last_at,
  })),
});

/** @internal */
export const batchReader = (context: StoreContext): BatchReader => ({
  async cancelBatches(piece, options) {
    const rows = await read(context, options, async (transaction) => {
      await transaction.query(batchSettings());
      return transaction.query(cancelBatchRows(context.tables, piece));
    });
    const [first] = rows;
    return {
      batches: rows.map(mapped),
      next: first && first.piece_rows >= piece.limit ? first.edge : null,
      oldestAt: first?.edge_at ?? null,
    };
  },
});
