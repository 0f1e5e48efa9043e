import { TIME_LIMIT_MS } from '../domain/execution.js';
import { compareIds } from '../domain/execution-id.js';

/** A named statement with its values, and the type of its rows for whoever runs it. Names are for people. */
export interface Sql<Row = unknown> {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
  /**
   * For a statement that is asked again and again over one connection and whose plan does not depend on its values: the
   * server may keep the plan (connection/prepared.ts).
   */
  readonly keepPlan?: boolean;
  /** Never there: it only ties the type of the rows to the statement. */
  readonly row?: Row;
}

/** An identifier quoted for SQL, whatever characters it holds. */
export const quoteIdentifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/**
 * A naive timestamp column as milliseconds since 1970: the column holds UTC, whatever zone any side is set to. What lies
 * beyond JavaScript's dates, infinity above all, becomes their end (domain/execution.ts). NULL stays NULL.
 */
export const epochMs = (column: string): string =>
  `(CASE WHEN ${column} >= '275760-09-13' THEN ${TIME_LIMIT_MS}::float8 WHEN ${column} = '-infinity' THEN -${TIME_LIMIT_MS}::float8
    ELSE (extract(epoch from ${column}) * 1000)::float8 END)`;

/** PostgreSQL's earliest timestamp, 4713 BC. */
const EARLIEST_MS = -210_866_803_200_000;

/** A time as the naive UTC timestamp that the columns hold; the parameter is milliseconds since 1970. */
export const naiveUtc = (parameter: string): string =>
  `(timestamp '1970-01-01' + least(greatest(${parameter}::float8, ${EARLIEST_MS}), ${TIME_LIMIT_MS}) * interval '1 millisecond')`;

/** A time as whole microseconds since 1970, in text: a page ends between two rows of one millisecond. */
export const micros = (column: string): string => `(extract(epoch FROM ${column}) * 1000000)::bigint::text`;
export const fromMicros = (parameter: string): string =>
  `(timestamp '1970-01-01' + ${parameter}::bigint * interval '1 microsecond')`;

/**
 * Settings for transactions whose statements look up ids through indexes, whatever the statistics say: a table that was
 * never analysed, or one parent of half its rows, otherwise makes every probe a sequential scan.
 */
export const PLAN_BY_INDEX = 'SET LOCAL enable_seqscan = off; SET LOCAL max_parallel_workers_per_gather = 0';

/**
 * A mark that lasts as long as the transaction, and the condition that it is there. A transaction that is sent as a whole
 * (BEGIN, the lock, the INSERT, COMMIT) must not be run statement by statement where its BEGIN failed.
 */
export const MARK_TRANSACTION = "SET LOCAL noetl_console.transaction = 'open'";
export const IN_TRANSACTION = "pg_catalog.current_setting('noetl_console.transaction', true) = 'open'";

/** How much wider than the ids their bounds are: 25 days of the database's id layout, 50 of Rust's. */
const BOUNDS_MARGIN = 1n << 54n;
const MAX_ID = 9_223_372_036_854_775_807n;

/**
 * Bounds around some ids, for withinBounds(). They are wider than the ids on purpose: the planner multiplies what it
 * thinks of each condition, so bounds that fit closely make it believe that an execution has no more than one row, and
 * it then reads whole executions where it should probe an index by type.
 */
export function idBounds(ids: readonly string[]): readonly [lowest: string, highest: string] {
  let [lowest, highest] = [ids[0] ?? '0', ids[0] ?? '0'];
  for (const id of ids) {
    if (compareIds(id, lowest) < 0) lowest = id;
    if (compareIds(id, highest) > 0) highest = id;
  }
  const top = BigInt(highest) + BOUNDS_MARGIN;
  return [(BigInt(lowest) - BOUNDS_MARGIN).toString(), (top > MAX_ID ? MAX_ID : top).toString()];
}

/**
 * A further condition on an id column that is already compared with each id of a list. It holds for all of them; what it
 * adds is that the planner leaves out the partitions beyond the bounds. A column compared with a list's elements prunes
 * while the statement runs, not while it is planned, and planning over 17 partitions with 32 indexes each costs some
 * 5 ms (50 to 150 on a new connection) for every mention of the table. `= ANY(list)` would prune too, but beside the
 * comparison it is tried for every element: 1,000 ids took 370 ms instead of 12.
 */
export const withinBounds = (column: string, lowest: string, highest: string): string =>
  `AND ${column} BETWEEN ${lowest}::bigint AND ${highest}::bigint`;

/** The database's clock. */
export const clock = (): Sql<{ now: number }> => ({
  name: 'clock',
  text: 'SELECT (extract(epoch from clock_timestamp()) * 1000)::float8 AS now',
  values: [],
});

/**
 * An array that the planner does not look into. With the values in sight it compares each with the column's common
 * ones (1,000 ids took 30 ms to plan over 17 partitions), and one parent of half the table turns the probe of every
 * other id into a sequential scan.
 */
export const opaque = (parameter: string): string => `ANY((SELECT ${parameter}::bigint[])::bigint[])`;
