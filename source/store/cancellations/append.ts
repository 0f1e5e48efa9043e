import { type CancelRequest, type CancelTarget, cancelRows } from '../../domain/cancellation.js';
import { TERMINAL_TYPES } from '../../domain/event-types.js';
import { executionStatus } from '../../domain/execution-status.js';
import { consoleSnowflake, SNOWFLAKE_EPOCH_MS, type SnowflakeLayout, snowflakeFloor } from '../../domain/snowflake.js';
import { readAtOnce, type StoreContext } from '../connection/context.js';
import { explained } from '../connection/degraded.js';
import type { Tables } from '../connection/tables.js';
import { StoreError } from '../errors.js';
import type { AppendResult, CancellationStore, ReadOptions } from '../event-store.js';
import { endsOf } from '../executions/ends.js';
import { epochMs, IN_TRANSACTION, idBounds, naiveUtc, type Sql, withinBounds } from '../sql.js';
import { type BlockerRow, cancelBlockers } from './cancel-blockers.js';

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

/** Room for an execution's cancel rows is left below bigint's end; an execution that is at it takes no further event. */
const HIGHEST_EVENT_ID = 9_223_372_036_854_775_800n;

/** One target as the INSERT takes it. */
export interface AppendTarget {
  readonly executionId: string;
  readonly parentExecutionId: string | null;
  /** In which layout its event ids are. */
  readonly layout: SnowflakeLayout;
  readonly eventTypes: readonly string[];
  readonly meta: unknown;
  readonly context: unknown;
}

/** An id of the console's own at `ms` milliseconds after the epoch (domain/snowflake.ts), in SQL. */
const consoleId = (layout: SnowflakeLayout, ms: string): string =>
  `${ms} * ${snowflakeFloor(SNOWFLAKE_EPOCH_MS + 1, layout)}::bigint + ${consoleSnowflake(SNOWFLAKE_EPOCH_MS, layout)}::bigint`;

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
 *
 * The event ids are made here too, of the clock after the lock and above the execution's own: nothing that the
 * statement needs is asked for beforehand, so that lock, INSERT and COMMIT make one round trip.
 */
export function appendCancelRows(
  tables: Tables,
  targets: readonly AppendTarget[],
  options: { hasPrevEventId: boolean; quietSince: number | null },
): Sql<AppendedRow> {
  const chain = options.hasPrevEventId;
  const within = (alias: string) => withinBounds(`${alias}.execution_id`, '$4', '$5');
  // What a cancel says is the same for all below one root: it is sent, and read, once.
  const said = new Map<string, number>();
  const saidBy = ({ meta, context }: AppendTarget): number => {
    const text = JSON.stringify({ meta, context });
    const known = said.get(text) ?? said.size;
    said.set(text, known);
    return known;
  };
  return {
    name: 'append-cancel-rows',
    text: `WITH target AS (
    SELECT * FROM jsonb_to_recordset($1::jsonb) AS t (
      ord int, execution_id bigint, parent_execution_id bigint, layout text, types text[], said int)
    WHERE ${IN_TRANSACTION}
  ), moment AS MATERIALIZED (
    SELECT greatest(0, floor(extract(epoch from clock_timestamp()) * 1000)::bigint - ${SNOWFLAKE_EPOCH_MS}) AS ms
  ), fact AS MATERIALIZED (
    SELECT g.*, l.event_id AS last_id, greatest(l.event_id + 1,
        CASE g.layout WHEN 'rust' THEN ${consoleId('rust', 'm.ms')} ELSE ${consoleId('database', 'm.ms')} END) AS base_id,
      l.catalog_id, l.tenant_id, l.organization_id
    FROM target g CROSS JOIN moment m
    CROSS JOIN LATERAL (
      SELECT e.event_id, e.created_at, e.catalog_id, e.tenant_id, e.organization_id FROM ${tables.event} e
      WHERE e.execution_id = g.execution_id ${within('e')} ORDER BY e.event_id DESC LIMIT 1
    ) l
    WHERE l.event_id < ${HIGHEST_EVENT_ID}
      AND ($2::float8 IS NULL OR l.created_at < ${naiveUtc('$2')})
      AND NOT EXISTS (${endsOf(tables, 'g.execution_id', '$3', within('t'))} OFFSET 0)
  )
  INSERT INTO ${tables.event} (execution_id, event_id, ${chain ? 'prev_event_id, ' : ''}catalog_id, parent_execution_id,
    created_at, event_type, node_id, node_name, status, context, meta, tenant_id, organization_id)
  SELECT f.execution_id, f.base_id + r.n - 1,
    ${chain ? 'CASE WHEN r.n = 1 THEN f.last_id ELSE f.base_id + r.n - 2 END,' : ''}
    f.catalog_id, f.parent_execution_id, clock_timestamp() AT TIME ZONE 'UTC', r.event_type, 'cancel', 'cancel',
    'CANCELLED', $6::jsonb -> f.said -> 'context', $6::jsonb -> f.said -> 'meta', f.tenant_id, f.organization_id
  FROM fact f CROSS JOIN LATERAL unnest(f.types) WITH ORDINALITY AS r (event_type, n)
  ORDER BY f.ord, r.n
  RETURNING execution_id::text, event_id::text, event_type, ${epochMs('created_at')} AS at`,
    values: [
      JSON.stringify(
        targets.map((target, ord) => ({
          ord,
          execution_id: target.executionId,
          parent_execution_id: target.parentExecutionId,
          layout: target.layout,
          types: target.eventTypes,
          said: saidBy(target),
        })),
      ),
      options.quietSince,
      TERMINAL_TYPES,
      ...idBounds(targets.map((target) => target.executionId)),
      `[${[...said.keys()].join(',')}]`,
    ],
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
      const rows = targets.map((target) => appendTarget(target, request));
      const [, written] = await explained(context, () =>
        // The lock is a statement of its own: what follows must see everything that was committed while it waited.
        context.pools.writeAtOnce(bounds, [
          lockExecutions(ids),
          appendCancelRows(tables, rows, { hasPrevEventId, quietSince }),
        ]),
      );
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
      const blockers = await blockersOf(context, missed, options);
      return ids.map((id) => appended.get(id) ?? blocked(id, blockers.get(id), request, quietSince));
    },
  };
}

/**
 * Why some were not written to, read after the commit: it is seldom asked, and a round trip of every cancel otherwise.
 * What kept a cancel out stays in the log. Where it cannot be read, the outcome is unknown and not failed, since the
 * others of the transaction are written; the next try finds them.
 */
async function blockersOf(
  context: StoreContext,
  ids: readonly string[],
  options: ReadOptions | undefined,
): Promise<ReadonlyMap<string, BlockerRow>> {
  if (ids.length === 0) return new Map();
  try {
    const [rows] = await readAtOnce(context, options, () => [cancelBlockers(context.tables, ids)]);
    return new Map(rows.map((row) => [row.execution_id, row]));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StoreError('outcome-unknown', `written, but not read back: outcome unknown (${why})`, { cause: error });
  }
}

function appendTarget(target: CancelTarget, request: CancelRequest): AppendTarget {
  const rows = cancelRows(target, request);
  const [first] = rows;
  if (!first) throw new StoreError('other', `no rows to append for execution ${target.executionId}`);
  return {
    executionId: target.executionId,
    parentExecutionId: target.parentExecutionId,
    layout: target.layout,
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
  const isFull = BigInt(row.last_event_id) >= HIGHEST_EVENT_ID;
  return {
    executionId,
    kind: 'failed',
    message: isFull
      ? `execution ${executionId} takes no further event: its newest event_id is ${row.last_event_id}, the highest there is`
      : `execution ${executionId} changed while it was being cancelled; try again`,
  };
}
