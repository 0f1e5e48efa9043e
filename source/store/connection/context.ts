import type { EpochMs } from '../../domain/execution.js';
import { compareIds } from '../../domain/execution-id.js';
import { StoreError } from '../errors.js';
import type { ReadOptions } from '../event-store.js';
import { clock, type Sql } from '../sql.js';
import type { CapabilityRow } from './capabilities.js';
import { type DegradableTables, orDegraded } from './degraded.js';
import type { Pools, RowsOf, Transaction, TransactionOptions } from './pools.js';

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
  options: (ReadOptions & Pick<TransactionOptions, 'byIndex' | 'apart'>) | undefined,
  statements: () => Statements,
): Promise<RowsOf<Statements>> =>
  orDegraded(context, options, () => {
    const bounds = {
      timeoutMs: options?.timeoutMs ?? READ_TIMEOUT_MS,
      signal: options?.signal,
      byIndex: options?.byIndex ?? false,
      apart: options?.apart ?? false,
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

/** Connections that read a long list of pieces beside one another: what one waits for, another may be at. */
const LANES = 2;

/**
 * The rows of one statement for each piece of a list, in the order of the list, a few in each round trip and long lists
 * over two connections; and the database's clock before the first of them. Where the database grants only one, that one
 * reads all.
 */
export async function readPieces<Piece, Row>(
  context: StoreContext,
  options: Parameters<typeof readAtOnce>[1],
  pieces: readonly Piece[],
  statement: (piece: Piece) => Sql<Row>,
): Promise<{ rows: Row[]; asOf: EpochMs }> {
  const groups = pieces.length === 0 ? [[]] : chunked(pieces, PIECES_AT_ONCE);
  const found: Row[][] = [];
  const moments: EpochMs[] = [];
  const waiting = [...groups.entries()];
  const lane = async (isAlone: boolean): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [place, group] = next;
      const statements = (): readonly [Sql<{ now: number }>, ...Sql<Row>[]] => [clock(), ...group.map(statement)];
      try {
        const [[moment], ...answers] = await readAtOnce(context, { ...options, apart: groups.length > 1 }, statements);
        found[place] = answers.flat();
        moments.push(moment?.now ?? 0);
      } catch (error) {
        if (!isAlone && error instanceof StoreError && error.kind === 'busy') return void waiting.unshift(next);
        waiting.length = 0;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(LANES, groups.length) }, () => lane(groups.length === 1)));
  // What one left behind after the other had nothing more to do.
  await lane(true);
  return { rows: found.flat(), asOf: Math.min(...moments) };
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
