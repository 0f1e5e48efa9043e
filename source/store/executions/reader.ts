import { CANCELLED_TYPES, COMPLETED_TYPES, FAILED_TYPES, START_TYPES } from '../../domain/event-types.js';
import type { Execution } from '../../domain/execution.js';
import { compileGlob } from '../../text/glob.js';
import { chunkedIds, read, readAtOnce, readPieces, type StoreContext } from '../connection/context.js';
import { refuseWithoutCatalog } from '../connection/degraded.js';
import type { Tables } from '../connection/tables.js';
import { StoreError } from '../errors.js';
import type { ExecutionReader, ExecutionsAsOf, ReadOptions, RecentFilter } from '../event-store.js';
import { clock, epochMs, naiveUtc, type Sql } from '../sql.js';
import { type ExecutionsPiece, type IdRange, newestRangesFirst, partitionBounds } from './pieces.js';
import { activeExecutions, executionsById, mapExecution, recentlyActive } from './summaries.js';

const ENDED_TYPES = { COMPLETED: COMPLETED_TYPES, FAILED: FAILED_TYPES, CANCELLED: CANCELLED_TYPES } as const;

/** A list may be short because rows of one execution repeat (two cancel rows, two starts); read this much more. */
const REPEAT_ALLOWANCE = 2;
const PATHS_A_PAGE = 10_000;
/** For one partition's executions that have not ended, where all of them together took too long. */
const PATIENT_MS = 120_000;
const LOWEST_ID = '-9223372036854775808';

/** For stores whose catalog is in another database than their events. */
export interface CatalogSearch {
  /** Ids of the catalog rows whose path a glob matches. */
  catalogIdsOf(path: string, options?: ReadOptions): Promise<string[]>;
}

export function executionReader(context: StoreContext): ExecutionReader & CatalogSearch {
  const { tables } = context;

  async function* inPieces(options?: ReadOptions & { readonly ahead?: boolean }): AsyncGenerator<ExecutionsPiece> {
    const statements = () => [clock(), partitionBounds(context.schema)] as const;
    const [[moment], partitions] = await readAtOnce(context, options, statements);
    const ranges = newestRangesFirst(
      partitions.map(({ bound }) => bound),
      moment?.now ?? 0,
    );
    const readRange = (range: IdRange) => readAtOnce(context, options, () => [activeExecutions(tables, range)]);
    const asked = options?.ahead ? ranges.map(readRange) : [];
    for (const each of asked) each.catch(() => {});
    for (const [index, range] of ranges.entries()) {
      const [rows] = await (asked[index] ?? readRange(range));
      yield { executions: rows.map(mapExecution), done: index + 1, of: ranges.length };
    }
  }

  /** Some 200,000 executions that have not ended take longer than one statement may: a partition after the other then. */
  const inPatientPieces = async (options?: ReadOptions): Promise<ExecutionsAsOf> => {
    const patient = { ...options, timeoutMs: PATIENT_MS };
    const [[moment]] = await readAtOnce(context, patient, () => [clock()] as const);
    const executions: Execution[] = [];
    for await (const piece of inPieces(patient)) executions.push(...piece.executions);
    return { executions, asOf: moment?.now ?? 0 };
  };

  const byId: ExecutionReader['executionsById'] = async (ids, options) => {
    const looking = { ...options, byIndex: true };
    const { rows, asOf } = await readPieces(context, looking, chunkedIds(ids), (chunk) =>
      executionsById(tables, chunk),
    );
    return { executions: rows.map(mapExecution), asOf };
  };

  const catalogIdsOf: CatalogSearch['catalogIdsOf'] = (path, options) =>
    read(context, options, async (transaction) => {
      const matches = compileGlob(path);
      const found: string[] = [];
      for (let after = LOWEST_ID; ; ) {
        refuseWithoutCatalog(context);
        const rows = await transaction.query(catalogPaths(tables, after, PATHS_A_PAGE));
        for (const row of rows) if (row.path !== null && matches(row.path)) found.push(row.catalog_id);
        if (rows.length < PATHS_A_PAGE) return found;
        // A full page has a last row.
        after = rows.at(-1)!.catalog_id;
      }
    });

  return {
    clock: async (options) => (await readAtOnce(context, options, () => [clock()]))[0][0]?.now ?? 0,

    activeExecutions: async (options) => {
      try {
        // The clock first: an event that comes between the two reads makes an execution look younger, never older.
        const statements = () => [clock(), activeExecutions(tables)] as const;
        const [[moment], rows] = await readAtOnce(context, options, statements);
        return { executions: rows.map(mapExecution), asOf: moment?.now ?? 0 };
      } catch (error) {
        if (!(error instanceof StoreError) || error.kind !== 'timeout') throw error;
        return inPatientPieces(options);
      }
    },

    recentlyActive: async ({ withinMs, mostEvents }, options) => {
      const looking = { ...options, byIndex: true };
      const statements = () => [clock(), recentlyActive(tables, withinMs, mostEvents)] as const;
      const [[moment], rows] = await readAtOnce(context, looking, statements);
      // Without a start an execution has not begun, for activeExecutions, which is read next.
      return { executions: rows.filter((row) => row.start_type !== null).map(mapExecution), asOf: moment?.now ?? 0 };
    },

    activeInPieces: inPieces,

    executionsById: byId,
    catalogIdsOf,

    async recentExecutions(filter: RecentFilter, options) {
      const ended = filter.status !== 'RUNNING' && filter.status !== 'ALL';
      const types = ended ? ENDED_TYPES[filter.status] : START_TYPES;
      const { path, ...conditions } = filter;
      const catalogIds = filter.catalogIds ?? (path === undefined ? undefined : await catalogIdsOf(path, options));
      const wanted = { ...conditions, catalogIds, limit: filter.limit * REPEAT_ALLOWANCE };
      const [rows] = await readAtOnce(context, options, () => [recentExecutionIds(tables, wanted, types)]);
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

/**
 * Ids of executions, newest first: by start, or by end where an ended status is asked for. The order comes from the
 * created_at indexes, so a short list reads a short stretch of the log.
 */
export function recentExecutionIds(
  tables: Tables,
  filter: Omit<RecentFilter, 'path'>,
  types: readonly string[],
): Sql<{ execution_id: string; at: number }> {
  const values: unknown[] = [types, filter.limit];
  const conditions = ['e.event_type = ANY($1::text[])'];
  const bind = (value: unknown): string => `$${values.push(value)}`;
  if (filter.catalogIds !== undefined) {
    conditions.push(`e.catalog_id = ANY(${bind(filter.catalogIds)}::bigint[])`);
  }
  if (filter.parentExecutionId !== undefined) {
    conditions.push(`e.execution_id IN (SELECT k.execution_id FROM ${tables.event} k
      WHERE k.parent_execution_id = ${bind(filter.parentExecutionId)}::bigint)`);
  }
  if (filter.since !== undefined) conditions.push(`e.created_at >= ${naiveUtc(bind(filter.since))}`);
  return {
    name: 'recent-execution-ids',
    text: `SELECT e.execution_id::text, ${epochMs('e.created_at')} AS at FROM ${tables.event} e
  WHERE ${conditions.join(' AND ')} ORDER BY e.created_at DESC LIMIT $2`,
    values,
  };
}

/** A page of the catalog's paths. Globs are matched in the process: LIKE takes exponential time for some patterns. */
export const catalogPaths = (
  tables: Tables,
  after: string,
  limit: number,
): Sql<{ catalog_id: string; path: string | null }> => ({
  name: 'catalog-paths',
  text: `SELECT c.catalog_id::text, c.path FROM ${tables.catalog} c WHERE c.catalog_id > $1::bigint ORDER BY c.catalog_id LIMIT $2`,
  values: [after, limit],
});
