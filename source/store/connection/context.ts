import { compareIds } from '../../domain/execution-id.js';
import type { ReadOptions } from '../event-store.js';
import { clock } from '../sql.js';
import type { CapabilityRow } from './capabilities.js';
import { type DegradableTables, orDegraded } from './degraded.js';
import type { Pools, Transaction } from './pools.js';

/** Bounds every read unless the caller says otherwise. */
export const READ_TIMEOUT_MS = 30_000;

/** How many ids one statement takes: large enough to be few round trips, small enough to stay quick to plan and end. */
const IDS_A_STATEMENT = 1000;

/** What the parts of the PostgreSQL store share. */
export interface StoreContext {
  readonly pools: Pools;
  /** `catalog` changes when it turns out not to be readable: take it from here for each statement. */
  readonly tables: DegradableTables;
  readonly schema: string;
  readonly database: string;
  capabilities(options?: ReadOptions): Promise<CapabilityRow>;
}

/** One READ ONLY transaction with its statement timeout; without the catalog's paths where those may not be read. */
export const read = <T>(context: StoreContext, options: ReadOptions | undefined, work: Work<T>): Promise<T> =>
  reading(context, options, work, false);

/** The same for statements that look up ids: their plans must not depend on statistics. */
export const readByIndex = <T>(context: StoreContext, options: ReadOptions | undefined, work: Work<T>): Promise<T> =>
  reading(context, options, work, true);

type Work<T> = (transaction: Transaction) => Promise<T>;

function reading<T>(
  context: StoreContext,
  options: ReadOptions | undefined,
  work: Work<T>,
  byIndex: boolean,
): Promise<T> {
  const bounds = { timeoutMs: options?.timeoutMs ?? READ_TIMEOUT_MS, signal: options?.signal, byIndex };
  const share = options?.polling ? 'polling' : 'acting';
  return orDegraded(context, options, () => context.pools.read(share, bounds, work));
}

/** The database's clock, milliseconds since 1970. */
export const clockOf = async (transaction: Transaction): Promise<number> =>
  (await transaction.query(clock()))[0]?.now ?? 0;

export function chunked<T>(items: readonly T[], size: number = IDS_A_STATEMENT): T[][] {
  const chunks: T[][] = [];
  for (let start = 0; start < items.length; start += size) chunks.push(items.slice(start, start + size));
  return chunks;
}

/** Ids, each once, in chunks that span as few partitions as they can: their order is what withinBounds() leans on. */
export const chunkedIds = (ids: readonly string[], size?: number): string[][] =>
  chunked([...new Set(ids)].sort(compareIds), size);
