import { CANCELLED_TYPES } from '../../domain/event-types.js';
import type { Tables } from '../connection/tables.js';
import { naiveUtc, type Sql } from '../sql.js';
import { CANCELLATION_COLUMNS } from './statements.js';

/**
 * The cancel rows of one batch. No index knows meta's batch_id, so every cancel row is read, through (event_type): 0.1 %
 * to 2 % of a table; `since` bounds them. OFFSET 0 keeps the test of the batch, which the planner cannot estimate, out
 * of the choice of the index.
 */
export function batchCancelRows(tables: Tables, batchId: string, since: number | null): Sql {
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
