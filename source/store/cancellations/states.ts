import { CANCELLED_TYPES, TERMINAL_TYPES } from '../../domain/event-types.js';
import type { EpochMs } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import { chunkedIds, readAtOnce, type StoreContext } from '../connection/context.js';
import type { Tables } from '../connection/tables.js';
import type { ReadOptions } from '../event-store.js';
import { endsOf } from '../executions/ends.js';
import { epochMs, idBounds, type Sql, withinBounds } from '../sql.js';

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
