import { chunkedIds, read, type StoreContext } from '../connection/context.js';
import type { CancelState, CancelStateReader } from './cancel-states.js';
import { type BlockerRow, cancelBlockers } from './statements.js';

export function cancelStateReader(context: StoreContext): CancelStateReader {
  return {
    async cancelStates(ids, options) {
      const states = new Map<string, CancelState>();
      for (const chunk of chunkedIds(ids)) {
        const rows = await read(context, options, (transaction) =>
          transaction.query<BlockerRow & Record<string, unknown>>(cancelBlockers(context.tables, chunk)),
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
