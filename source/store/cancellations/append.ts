import { type CancelRequest, type CancelTarget, cancelRows } from '../../domain/cancellation.js';
import { CANCELLED_TYPES, TERMINAL_TYPES } from '../../domain/event-types.js';
import { executionStatus } from '../../domain/execution-status.js';
import { consoleSnowflake } from '../../domain/snowflake.js';
import { clockOf, type StoreContext } from '../connection/context.js';
import { explained } from '../connection/degraded.js';
import type { Transaction } from '../connection/pools.js';
import type { Tables } from '../connection/tables.js';
import { StoreError } from '../errors.js';
import type { AppendResult, CancellationStore } from '../event-store.js';
import { endsOf } from '../executions/ends.js';
import { epochMs, idBounds, naiveUtc, type Sql, withinBounds } from '../sql.js';

/** 'noet' in ASCII: the first key of the console's advisory locks, so that they collide with no other program's. */
const LOCK_CLASS = 0x6e6f6574;

/**
 * Locks executions against other consoles until the transaction ends. In the order of the keys whatever the order of
 * the ids, so that two batches that overlap wait for one another instead of deadlocking; two ids that share a key
 * share a lock, which only makes one of them wait.
 */
export function lockExecutions(ids: readonly string[]): Sql {
  return {
    name: 'lock-executions',
    text: `SELECT count(pg_advisory_xact_lock(${LOCK_CLASS}, k.key)) FROM (
    SELECT DISTINCT (i.id % 2147483647)::int AS key FROM unnest($1::bigint[]) AS i (id) ORDER BY key OFFSET 0
  ) k`,
    values: [ids],
  };
}

/** One target as the INSERT takes it. */
export interface AppendTarget {
  readonly executionId: string;
  readonly parentExecutionId: string | null;
  /** The lowest first event id to use; the INSERT goes higher when the execution's own are. */
  readonly eventId: string;
  readonly eventTypes: readonly string[];
  readonly meta: unknown;
  readonly context: unknown;
}

interface AppendedRow {
  execution_id: string;
  event_id: string;
  event_type: string;
  at: number;
}

/**
 * Appends the cancel's rows wherever no terminal event exists, and answers which rows were written. What is read here is
 * read under the lock, in the statement that writes: nothing can come between, except a server that finishes the
 * execution in the same instant and takes no lock (then both ends stand, and COMPLETED outranks).
 */
export function appendCancelRows(
  tables: Tables,
  targets: readonly AppendTarget[],
  options: { hasPrevEventId: boolean; quietSince: number | null },
): Sql<AppendedRow> {
  const chain = options.hasPrevEventId;
  const within = (alias: string) => withinBounds(`${alias}.execution_id`, '$4', '$5');
  return {
    name: 'append-cancel-rows',
    text: `WITH target AS (
    SELECT * FROM jsonb_to_recordset($1::jsonb) AS t (
      ord int, execution_id bigint, parent_execution_id bigint, first_id bigint, types text[], meta jsonb, context jsonb)
  ), fact AS MATERIALIZED (
    SELECT g.*, l.event_id AS last_id, greatest(g.first_id, l.event_id + 1) AS base_id,
      l.catalog_id, l.tenant_id, l.organization_id
    FROM target g
    CROSS JOIN LATERAL (
      SELECT e.event_id, e.created_at, e.catalog_id, e.tenant_id, e.organization_id FROM ${tables.event} e
      WHERE e.execution_id = g.execution_id ${within('e')} ORDER BY e.event_id DESC LIMIT 1
    ) l
    WHERE l.event_id < 9223372036854775800
      AND ($2::float8 IS NULL OR l.created_at < ${naiveUtc('$2')})
      AND NOT EXISTS (${endsOf(tables, 'g.execution_id', '$3', within('t'))} OFFSET 0)
  )
  INSERT INTO ${tables.event} (execution_id, event_id, ${chain ? 'prev_event_id, ' : ''}catalog_id, parent_execution_id,
    created_at, event_type, node_id, node_name, status, context, meta, tenant_id, organization_id)
  SELECT f.execution_id, f.base_id + r.n - 1,
    ${chain ? 'CASE WHEN r.n = 1 THEN f.last_id ELSE f.base_id + r.n - 2 END,' : ''}
    f.catalog_id, f.parent_execution_id, clock_timestamp() AT TIME ZONE 'UTC', r.event_type, 'cancel', 'cancel',
    'CANCELLED', f.context, f.meta, f.tenant_id, f.organization_id
  FROM fact f CROSS JOIN LATERAL unnest(f.types) WITH ORDINALITY AS r (event_type, n)
  ORDER BY f.ord, r.n
  RETURNING execution_id::text, event_id::text, event_type, ${epochMs('created_at')} AS at`,
    values: [
      JSON.stringify(
        targets.map((target, ord) => ({
          ord,
          execution_id: target.executionId,
          parent_execution_id: target.parentExecutionId,
          first_id: target.eventId,
          types: target.eventTypes,
          meta: target.meta,
          context: target.context,
        })),
      ),
      options.quietSince,
      TERMINAL_TYPES,
      ...idBounds(targets.map((target) => target.executionId)),
    ],
  };
}

export interface BlockerRow {
  execution_id: string;
  last_event_id: string | null;
  last_at: number | null;
  terminal_types: string[] | null;
  cancelled_by: string | null;
  batch_id: string | null;
  cancel_event_id: string | null;
  cancel_at: number | null;
}

/** Why executions were not written to: their newest event, how they ended, and who cancelled them first. */
export function cancelBlockers(tables: Tables, ids: readonly string[]): Sql<BlockerRow> {
  const within = withinBounds('e.execution_id', '$4', '$5');
  return {
    name: 'cancel-blockers',
    text: `SELECT i.id::text AS execution_id, l.event_id::text AS last_event_id, ${epochMs('l.created_at')} AS last_at,
    t.types AS terminal_types, c.cancelled_by, c.batch_id, c.event_id::text AS cancel_event_id, ${epochMs('c.created_at')} AS cancel_at
  FROM unnest($1::bigint[]) AS i (id)
  LEFT JOIN LATERAL (SELECT e.event_id, e.created_at FROM ${tables.event} e
    WHERE e.execution_id = i.id ${within} ORDER BY e.event_id DESC LIMIT 1) l ON true
  LEFT JOIN LATERAL (SELECT array_agg(x.event_type) AS types
    FROM (${endsOf(tables, 'i.id', '$2', withinBounds('t.execution_id', '$4', '$5'))}) x) t ON true
  LEFT JOIN LATERAL (SELECT e.event_id, e.created_at,
      coalesce(e.meta->>'cancelled_by', e.context->>'cancelled_by') AS cancelled_by, e.meta->>'batch_id' AS batch_id
    FROM ${tables.event} e WHERE e.execution_id = i.id ${within} AND e.event_type = ANY($3::text[])
    ORDER BY (e.event_type = 'execution.cancelled') DESC, e.event_id LIMIT 1) c ON true`,
    values: [ids, TERMINAL_TYPES, CANCELLED_TYPES, ...idBounds(ids)],
  };
}

/** A write may wait for another console's lock, so it gets longer than a read of the same size. */
const WRITE_TIMEOUT_MS = 60_000;

export function cancellationWriter(context: StoreContext): Pick<CancellationStore, 'appendCancellations'> {
  const { tables } = context;
  return {
    async appendCancellations(targets, request, options) {
      context.pools.refuseIfReadOnly();
      const { prev_event_id: hasPrevEventId } = await context.capabilities(options);
      const ids = targets.map((target) => target.executionId);
      const quietSince = options?.quietSince ?? null;
      const bounds = { timeoutMs: options?.timeoutMs ?? WRITE_TIMEOUT_MS, signal: options?.signal, byIndex: true };
      const write = async (transaction: Transaction): Promise<AppendResult[]> => {
        // A statement of its own: what follows must see everything that was committed while this one waited.
        await transaction.query(lockExecutions(ids));
        const now = await clockOf(transaction);
        const rows = targets.map((target) => appendTarget(target, request, now));
        const written = await transaction.query(appendCancelRows(tables, rows, { hasPrevEventId, quietSince }));
        const appended = new Map<string, AppendResult>();
        for (const row of written) {
          if (row.event_type !== 'execution.cancelled') continue;
          appended.set(row.execution_id, {
            executionId: row.execution_id,
            kind: 'appended',
            eventId: row.event_id,
            at: row.at,
          });
        }
        const missed = ids.filter((id) => !appended.has(id));
        const blockers = new Map<string, BlockerRow>();
        if (missed.length > 0) {
          const found = await transaction.query(cancelBlockers(tables, missed));
          for (const row of found) blockers.set(row.execution_id, row);
        }
        return ids.map((id) => appended.get(id) ?? blocked(id, blockers.get(id), request, quietSince));
      };
      return explained(context, () => context.pools.write(bounds, write));
    },
  };
}

function appendTarget(target: CancelTarget, request: CancelRequest, now: number) {
  const rows = cancelRows(target, request);
  const [first] = rows;
  if (!first) throw new StoreError('other', `no rows to append for execution ${target.executionId}`);
  return {
    executionId: target.executionId,
    parentExecutionId: target.parentExecutionId,
    eventId: consoleSnowflake(now, target.layout).toString(),
    eventTypes: rows.map((row) => row.eventType),
    meta: first.meta,
    context: first.context,
  };
}

/** Why nothing was appended to an execution. */
function blocked(
  executionId: string,
  row: BlockerRow | undefined,
  request: CancelRequest,
  quietSince: number | null,
): AppendResult {
  if (!row?.last_event_id) return { executionId, kind: 'unknown' };
  const { status } = executionStatus(row.terminal_types ?? []);
  // A retry after a lost connection meets this run's own rows: the commit had gone through.
  if (row.batch_id === request.batchId && row.cancel_event_id && row.cancel_at !== null) {
    return { executionId, kind: 'appended', eventId: row.cancel_event_id, at: row.cancel_at };
  }
  if (status !== 'RUNNING') {
    return { executionId, kind: 'ended', as: status, endedBy: status === 'CANCELLED' ? row.cancelled_by : null };
  }
  if (quietSince !== null && row.last_at !== null && row.last_at >= quietSince) {
    return { executionId, kind: 'resumed', lastEventAt: row.last_at };
  }
  return {
    executionId,
    kind: 'failed',
    message: `execution ${executionId} takes no further event: its newest event_id is ${row.last_event_id}, the highest there is`,
  };
}
