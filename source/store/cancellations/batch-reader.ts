import { read, type StoreContext } from '../connection/context.js';
import type { CancellationStore } from '../event-store.js';
import { mapCancellations } from '../row-mapping.js';
import { batchCancelRows, batchSettings } from './batch-statements.js';
import type { CancellationRow } from './statements.js';

/** A log of years holds some 100,000 cancellations: a second or two. */
const BATCH_TIMEOUT_MS = 60_000;

export function batchReader(context: StoreContext): Pick<CancellationStore, 'cancellationsOfBatch'> {
  return {
    async cancellationsOfBatch(batchId, options) {
      const rows = await read(context, { timeoutMs: BATCH_TIMEOUT_MS, ...options }, async (transaction) => {
        await transaction.query(batchSettings());
        return transaction.query<CancellationRow & Record<string, unknown>>(
          batchCancelRows(context.tables, batchId, options?.since ?? null),
        );
      });
      return mapCancellations(rows, Number.POSITIVE_INFINITY);
    },
  };
}
