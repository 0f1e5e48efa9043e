import type { EpochMs } from '../../domain/execution.js';
import { compareIds } from '../../domain/execution-id.js';
import type { ReadOptions } from '../event-store.js';
import { clock, type Sql } from '../sql.js';
import type { CapabilityRow } from './capabilities.js';
import { type DegradableTables, orDegraded } from './degraded.js';
import type { Pools, RowsOf, Transaction } from './pools.js';

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
  /** The same where it is known by now. */
  knownCapabilities(): CapabilityRow | null;
}

/** One READ ONLY transaction with its statement timeout; without the catalog's paths where those may not be read. */
export const read = <T>(context: StoreContext, options: ReadOptions | undefined, work: Work<T>): Promise<T> =>
  reading(context, options, work, false);

/** The same for statements that look up ids: their plans must not depend on statistics. */
export const readByIndex = <T>(context: StoreContext, options: ReadOptions | undefined, work: Work<T>): Promise<T> =>
  reading(context, options, work, true);

type Work<T> = (transaction: Transaction) => Promise<T>;

/**
 * One READ ONLY transaction of statements that do not depend on one another's answers, in one round trip.
 *
 * @param statements made anew where it turns out that the catalog may not be read
 */
export const readAtOnce = <const Statements extends readonly Sql[]>(
  context: StoreContext,
  options: (ReadOptions & { readonly byIndex?: boolean }) | undefined,
  statements: () => Statements,
): Promise<RowsOf<Statements>> =>
  orDegraded(context, options, () => {
    const bounds = {
      timeoutMs: options?.timeoutMs ?? READ_TIMEOUT_MS,
      signal: options?.signal,
      byIndex: options?.byIndex ?? false,
    };
    return context.pools.readAtOnce(options?.polling ? 'polling' : 'acting', bounds, statements());
  });

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

/** Statements that are under way at once: enough that round trips do not add up, and their client's time limit holds. */
const PIECES_AT_ONCE = 4;

/**
 * The rows of one statement for each piece of a list, a few in each round trip, and the database's clock before the
 * first of them.
 */
export async function readPieces<Piece, Row>(
  context: StoreContext,
  options: Parameters<typeof readAtOnce>[1],
  pieces: readonly Piece[],
  statement: (piece: Piece) => Sql<Row>,
): Promise<{ rows: Row[]; asOf: EpochMs }> {
  const [first = [], ...others] = chunked(pieces, PIECES_AT_ONCE);
  const [[moment], ...found] = await readAtOnce(
    context,
    options,
    (): readonly [Sql<{ now: number }>, ...Sql<Row>[]] => [clock(), ...first.map(statement)],
  );
  const rows = found.flat();
  for (const group of others) {
    for (const more of await readAtOnce(context, options, () => group.map(statement)))
      for (const row of more) rows.push(row);
  }
  return { rows, asOf: moment?.now ?? 0 };
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
