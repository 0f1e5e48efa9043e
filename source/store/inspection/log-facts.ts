import { type CapabilityRow, capabilities } from '../connection/capabilities.js';
import { Pools } from '../connection/pools.js';
import type { ConnectionSettings } from '../connection/settings.js';
import { tablesIn } from '../connection/tables.js';
import { type LogFactsRow, logFacts } from './log-statement.js';

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
      const [has] = await transaction.query<CapabilityRow & Record<string, unknown>>(capabilities(settings.schema));
      const hasChain = has?.prev_event_id === true;
      const [row] = await transaction.query<LogFactsRow & Record<string, unknown>>(
        logFacts(tablesIn(settings.schema), NEWEST, hasChain),
      );
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
