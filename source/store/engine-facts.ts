import type { NewestCommands } from '../domain/conditions/conditions-log.js';
import { COMMAND_ISSUED } from '../domain/event-types.js';
import { SNOWFLAKE_EPOCH_MS, type SnowflakeLayout, snowflakeFloor } from '../domain/snowflake.js';
import { readAtOnce, type StoreContext } from './connection/context.js';
import type { Tables } from './connection/tables.js';
import { StoreError } from './errors.js';
import type { ReadOptions } from './event-store.js';
import { epochMs, type Sql } from './sql.js';

/** Reads that the conditions of the whole engine need beside noetl.runtime. */
export interface EngineFactsReader {
  /**
   * The newest rows of noetl.command, and whether the log has them. Unknown, and no error, where the table is absent, has
   * other columns, may not be read, or takes too long to read.
   */
  newestCommands(options?: ReadOptions): Promise<NewestCommands>;
}

export interface NewestCommandRow {
  execution_id: string;
  at: number | null;
  in_log: boolean;
}

/** Rows read by id in each layout: a driven execution that does not move writes `__orchestrate__` rows by the thousand. */
const ROWS_A_LAYOUT = 1000;
/** Rows that are compared with the log: one index probe each, two where the first finds nothing. */
const COMPARED = 100;
/** Ids up to this far ahead of the clock are read, so that a server whose clock is ahead is not passed over. */
const AHEAD_MS = 86_400_000;
/** A `command.issued` may carry a time that its server took this long before it wrote the command's row. */
const WRITTEN_TOGETHER_MS = 5_000;

/**
 * The newest rows of noetl.command through (command_id), the one index of the real table that is near its order in time;
 * it has none on created_at. The ids of both stacks' layouts are read from the clock downwards: those of the database's
 * layout lie above Rust's of the same time, so one descending read alone could see rows of one stack only.
 *
 * A row names the event that announces it (event_id). Where that column is missing or names nothing, the newest
 * `command.issued` of the execution is enough: one at or after the row's time shows that the log is that far.
 * Scalar subqueries, because the planner may turn an EXISTS into a hash of the whole table. `absent` stands for columns that some installs lack.
 */
export function newestCommands(tables: Tables): Sql<NewestCommandRow> {
  // A scalar subquery: clock_timestamp() in the comparison itself would keep the index from being used.
  const bound = (
    layout: SnowflakeLayout,
  ) => `(SELECT greatest(0, floor(extract(epoch from clock_timestamp()) * 1000)::bigint
        + ${AHEAD_MS - SNOWFLAKE_EPOCH_MS}) * ${snowflakeFloor(SNOWFLAKE_EPOCH_MS + 1, layout)}::bigint)`;
  const newest = (layout: SnowflakeLayout) => `(SELECT c.execution_id, c.command_id, c.step_name, event_id, created_at
      FROM ${tables.command} c WHERE c.command_id <= ${bound(layout)} ORDER BY c.command_id DESC LIMIT ${ROWS_A_LAYOUT})`;
  return {
    name: 'newest-commands',
    text: `WITH newest AS MATERIALIZED (
    SELECT r.execution_id, r.event_id, r.created_at
    FROM (SELECT NULL::bigint AS event_id, NULL::timestamptz AS created_at) absent
    CROSS JOIN LATERAL (${newest('rust')} UNION ${newest('database')}) r
    WHERE r.step_name IS DISTINCT FROM '__orchestrate__'
    ORDER BY r.created_at DESC NULLS LAST, r.command_id DESC LIMIT ${COMPARED}
  )
  SELECT n.execution_id::text, ${epochMs('n.created_at')} AS at,
    coalesce((
      SELECT true FROM ${tables.event} e WHERE e.execution_id = n.execution_id AND e.event_id = n.event_id LIMIT 1
    ), (
      SELECT e.created_at >= (n.created_at AT TIME ZONE 'UTC') - $1::float8 * interval '1 millisecond' FROM ${tables.event} e
      WHERE e.execution_id = n.execution_id AND e.event_type = '${COMMAND_ISSUED}' ORDER BY e.event_id DESC LIMIT 1
    ), false) AS in_log
  FROM newest n`,
    values: [WRITTEN_TOGETHER_MS],
  };
}

/** A table without the index on command_id is sorted as a whole; what takes longer is not worth its cost. */
const TIMEOUT_MS = 5_000;
const UNDEFINED_TABLE = '42P01';
/** The class of SQLSTATEs for statements that do not fit the tables: a column or an operator that does not exist. */
const WRONG_STATEMENT = '42';

/** @internal */
export function engineFactsReader(context: StoreContext): EngineFactsReader {
  return {
    async newestCommands(options) {
      try {
        const bounded = { ...options, timeoutMs: Math.min(options?.timeoutMs ?? TIMEOUT_MS, TIMEOUT_MS) };
        const [rows] = await readAtOnce(context, bounded, () => [newestCommands(context.tables)]);
        return {
          kind: 'rows' as const,
          rows: rows.map((row) => ({ executionId: row.execution_id, at: row.at, inLog: row.in_log })),
        };
      } catch (error) {
        const why = whyUnknown(error);
        if (why === null) throw error;
        return { kind: 'unknown', why };
      }
    },
  };
}

/** Null for failures that concern more than this table. Older installs name commands by text, others lack the table. */
function whyUnknown(error: unknown): string | null {
  if (!(error instanceof StoreError)) return null;
  if (error.kind === 'no-privilege') return 'noetl.command may not be read';
  if (error.kind === 'timeout') return `noetl.command could not be read within ${TIMEOUT_MS / 1000} s`;
  const { code } = (error.cause ?? {}) as { code?: unknown };
  if (code === UNDEFINED_TABLE) return 'table noetl.command does not exist';
  return typeof code === 'string' && code.startsWith(WRONG_STATEMENT)
    ? 'noetl.command has other columns than expected'
    : null;
}
