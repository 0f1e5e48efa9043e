import { capabilities } from './connection/capabilities.js';
import { Pools } from './connection/pools.js';
import type { ConnectionSettings } from './connection/settings.js';
import { type Tables, tablesIn } from './connection/tables.js';
import { epochMs, type Sql } from './sql.js';

/** How the newest events reached the table, for `doctor`. */
export interface LogFacts {
  /** How many were looked at; at most 200. */
  readonly rows: number;
  /** From an event's making to its insert, the median in milliseconds; null for an empty table. */
  readonly medianLagMs: number | null;
  /** Null where this install does not chain its rows. */
  readonly chain: {
    /** Rows that name no predecessor and begin nothing. */
    readonly unchained: number;
    /** Predecessors that two rows of one execution name: one of the two did not come through the server. */
    readonly forks: number;
  } | null;
}

const NEWEST = 200;
const TIMEOUT_MS = 15_000;

/** Reads how the newest events reached the table, on a connection of its own. Throws StoreError. */
export async function readLogFacts(settings: ConnectionSettings, signal?: AbortSignal): Promise<LogFacts> {
  const pools = new Pools(settings, { polling: 1, acting: 1, checking: 1 });
  try {
    return await pools.read('acting', { timeoutMs: TIMEOUT_MS, signal }, async (transaction) => {
      const [has] = await transaction.query(capabilities(settings.schema));
      const hasChain = has?.prev_event_id === true;
      const [row] = await transaction.query(logFacts(tablesIn(settings.schema), NEWEST, hasChain));
      return {
        rows: row?.rows ?? 0,
        medianLagMs: row?.median_lag_ms ?? null,
        chain: hasChain ? { unchained: row?.unchained ?? 0, forks: row?.forks ?? 0 } : null,
      };
    });
  } finally {
    await pools.close();
  }
}

interface LogFactsRow {
  rows: number;
  median_lag_ms: number | null;
  unchained: number;
  forks: number;
}

/**
 * What the newest events show of how they got here: how long after their making they were inserted, and whether each
 * names its predecessor. Reads the end of the index on created_at.
 */
export function logFacts(tables: Tables, newest: number, hasPrevEventId: boolean): Sql<LogFactsRow> {
  const previous = hasPrevEventId ? 'e.prev_event_id' : 'NULL::bigint';
  return {
    name: 'log-facts',
    text: `WITH newest AS MATERIALIZED (
    SELECT e.execution_id, e.event_type, ${previous} AS previous,
      (extract(epoch from e.ingest_time) * 1000)::float8 - ${epochMs('e.created_at')} AS lag_ms
    FROM ${tables.event} e ORDER BY e.created_at DESC LIMIT $1
  )
  SELECT count(*)::int AS rows,
    (percentile_cont(0.5) WITHIN GROUP (ORDER BY n.lag_ms))::float8 AS median_lag_ms,
    (count(*) FILTER (WHERE n.previous IS NULL AND n.event_type NOT IN ('playbook_started', 'playbook.initialized')))::int
      AS unchained,
    (SELECT count(*)::int FROM (SELECT FROM newest p WHERE p.previous IS NOT NULL
      GROUP BY p.execution_id, p.previous HAVING count(*) > 1) f) AS forks
  FROM newest n`,
    values: [newest],
  };
}
