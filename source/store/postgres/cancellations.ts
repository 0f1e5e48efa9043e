import { type CancelRequest, type CancelTarget, cancelRows } from '../../domain/cancellation.js';
import { executionStatus } from '../../domain/execution-status.js';
import { consoleSnowflake } from '../../domain/snowflake.js';
import { StoreError } from '../errors.js';
import type { AppendResult, CancellationStore } from '../event-store.js';
import {
  appendCancelRows,
  type BlockerRow,
  type CancellationRow,
  cancelBlockers,
  lockExecutions,
  recentCancelRows,
} from '../queries/cancel.js';
import { clock } from '../queries/executions.js';
import { mapCancellations } from '../row-mapping.js';
import { read, type StoreContext } from './context.js';

/** A write may wait for another console's lock, so it gets longer than a read of the same size. */
const WRITE_TIMEOUT_MS = 60_000;

type Writer = Pick<CancellationStore, 'appendCancellations' | 'recentCancellations'>;

export function cancellationStore(context: StoreContext): Writer {
  const { tables } = context;
  return {
    async appendCancellations(targets, request, options) {
      context.pools.refuseIfReadOnly();
      const { prev_event_id: hasPrevEventId } = await context.capabilities(options);
      const ids = targets.map((target) => target.executionId);
      const quietSince = options?.quietSince ?? null;
      const bounds = { timeoutMs: options?.timeoutMs ?? WRITE_TIMEOUT_MS, signal: options?.signal };
      return context.pools.write(bounds, async (transaction) => {
        // A statement of its own: what follows must see everything that was committed while this one waited.
        await transaction.query(lockExecutions(ids));
        const [{ now } = { now: Date.now() }] = await transaction.query<{ now: number }>(clock());
        const rows = targets.map((target) => appendTarget(target, request, now));
        const written = await transaction.query<{
          execution_id: string;
          event_id: string;
          event_type: string;
          at: number;
        }>(appendCancelRows(tables, rows, { hasPrevEventId, quietSince }));
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
          const found = await transaction.query<BlockerRow & Record<string, unknown>>(cancelBlockers(tables, missed));
          for (const row of found) blockers.set(row.execution_id, row);
        }
        return ids.map((id) => appended.get(id) ?? blocked(id, blockers.get(id), request, quietSince));
      });
    },

    async recentCancellations(limit, options) {
      const rows = await read(context, options, (transaction) =>
        transaction.query<CancellationRow & Record<string, unknown>>(
          recentCancelRows(tables, limit, options?.since ?? null),
        ),
      );
      return mapCancellations(rows, limit);
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
    return { executionId, kind: 'woke', lastEventAt: row.last_at };
  }
  return {
    executionId,
    kind: 'failed',
    message: `execution ${executionId} takes no further event: its newest event_id is ${row.last_event_id}, the highest there is`,
  };
}
