import { CANCELLED_TYPES, COMPLETED_TYPES, FAILED_TYPES, START_TYPES } from '../../domain/event-types.js';
import type { Execution } from '../../domain/execution.js';
import type { ExecutionReader, RecentFilter } from '../event-store.js';
import {
  activeExecutions,
  clock,
  type ExecutionRow,
  executionsById,
  recentExecutionIds,
} from '../queries/executions.js';
import { mapExecution } from '../row-mapping.js';
import { chunkedIds, read, type StoreContext } from './context.js';
import { refuseWithoutCatalog } from './degraded.js';

const ENDED_TYPES = { COMPLETED: COMPLETED_TYPES, FAILED: FAILED_TYPES, CANCELLED: CANCELLED_TYPES } as const;

/** A list may be short because rows of one execution repeat (two cancel rows, two starts); read this much more. */
const REPEAT_ALLOWANCE = 2;

export function executionReader(context: StoreContext): ExecutionReader {
  const { tables } = context;

  const byId: ExecutionReader['executionsById'] = (ids, options) =>
    read(context, options, async (transaction) => {
      const [{ now } = { now: 0 }] = await transaction.query<{ now: number }>(clock());
      const executions: Execution[] = [];
      for (const chunk of chunkedIds(ids)) {
        const rows = await transaction.query<ExecutionRow & Record<string, unknown>>(executionsById(tables, chunk));
        executions.push(...rows.map(mapExecution));
      }
      return { executions, asOf: now };
    });

  return {
    clock: (options) =>
      read(context, options, async (transaction) => (await transaction.query<{ now: number }>(clock()))[0]?.now ?? 0),

    activeExecutions: (options) =>
      read(context, options, async (transaction) => {
        // The clock first: an event that comes between the two reads makes an execution look younger, never older.
        const [{ now } = { now: 0 }] = await transaction.query<{ now: number }>(clock());
        const rows = await transaction.query<ExecutionRow & Record<string, unknown>>(activeExecutions(tables));
        return { executions: rows.map(mapExecution), asOf: now };
      }),

    executionsById: byId,

    async recentExecutions(filter: RecentFilter, options) {
      const ended = filter.status !== 'RUNNING' && filter.status !== 'ALL';
      const types = ended ? ENDED_TYPES[filter.status] : START_TYPES;
      const wanted = { ...filter, limit: filter.limit * REPEAT_ALLOWANCE };
      const rows = await read(context, options, (transaction) => {
        if (filter.pathLike !== undefined) refuseWithoutCatalog(context);
        return transaction.query<{ execution_id: string; at: number }>(recentExecutionIds(tables, wanted, types));
      });
      const order = new Map<string, number>();
      for (const row of rows) if (!order.has(row.execution_id)) order.set(row.execution_id, order.size);
      const found = await byId([...order.keys()], options);
      const executions = found.executions
        // A cancelled row on an execution that completed: its status is COMPLETED, so it is not in the cancelled list.
        .filter((execution) => filter.status === 'ALL' || execution.status === filter.status)
        .sort((a, b) => (order.get(a.executionId) ?? 0) - (order.get(b.executionId) ?? 0))
        .slice(0, filter.limit);
      return { executions, asOf: found.asOf };
    },
  };
}
