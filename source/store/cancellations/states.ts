import type { EpochMs } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import { chunkedIds, read, type StoreContext } from '../connection/context.js';
import type { ReadOptions } from '../event-store.js';
import { cancelBlockers } from './append.js';

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
        const rows = await read(context, options, (transaction) =>
          transaction.query(cancelBlockers(context.tables, chunk)),
        );
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
