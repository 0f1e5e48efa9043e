import type { Execution } from '../../domain/execution.js';
import { SNOWFLAKE_EPOCH_MS, snowflakeFloor, snowflakeTime } from '../../domain/snowflake.js';
import type { Sql } from '../sql.js';

/** A piece of the executions that have not ended, and how many pieces of how many are read with it. */
export interface ExecutionsPiece {
  readonly executions: readonly Execution[];
  readonly done: number;
  readonly of: number;
}

/** A range of execution ids, both ends included. */
export interface IdRange {
  readonly from: string;
  readonly to: string;
}

const LOWEST = -(2n ** 63n);
const HIGHEST = 2n ** 63n - 1n;

/** How the event table is partitioned, as the server prints it; no row where it is one table. */
export const partitionBounds = (schema: string): Sql<{ bound: string | null }> => ({
  name: 'partition-bounds',
  text: `SELECT pg_catalog.pg_get_expr(c.relpartbound, c.oid) AS bound
  FROM pg_catalog.pg_class p JOIN pg_catalog.pg_namespace n ON n.oid = p.relnamespace
  JOIN pg_catalog.pg_inherits i ON i.inhparent = p.oid JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
  WHERE n.nspname = $1 AND p.relname = 'event'`,
  values: [schema],
});

/**
 * Ranges of execution ids that together hold all of them, each in one partition (what is between and around them is in
 * DEFAULT's). A statement on one of them is planned for that partition alone. Those whose ids can be newest come first:
 * an id holds the time of its execution's start, in one of two layouts that differ by a factor of two.
 *
 * @param bounds partitionBounds' rows
 */
export function newestRangesFirst(bounds: readonly (string | null)[], nowMs: number): IdRange[] {
  const limits = new Set<bigint>();
  for (const bound of bounds)
    for (const [, limit = ''] of (bound ?? '').matchAll(/\('?(-?\d{1,19})'?\)/g)) limits.add(BigInt(limit));
  const starts = [LOWEST, ...[...limits].filter((limit) => limit > LOWEST).sort((a, b) => (a < b ? -1 : 1))];
  return starts
    .map((from, index) => ({ from, to: (starts[index + 1] ?? HIGHEST + 1n) - 1n }))
    .sort((a, b) => newestTime(b, nowMs) - newestTime(a, nowMs) || (a.from < b.from ? 1 : -1))
    .map(({ from, to }) => ({ from: from.toString(), to: to.toString() }));
}

/** The newest start that ids of the range can have; 0 where all of them lie in the future. */
function newestTime({ from, to }: { from: bigint; to: bigint }, nowMs: number): number {
  const times = (['rust', 'database'] as const).map((layout) =>
    from > snowflakeFloor(nowMs, layout) || to < 0n ? 0 : Math.min(nowMs, snowflakeTime(to, layout)),
  );
  return Math.max(SNOWFLAKE_EPOCH_MS, ...times);
}
