/**
 * Both id layouts of event-store.md, "Ids". Ids exceed 2^53, so they are bigint here and decimal strings elsewhere.
 */

/** 2024-01-01T00:00:00Z in milliseconds since 1970. */
export const SNOWFLAKE_EPOCH_MS = 1_704_067_200_000;

/** How an id packs its time: as the database's function does, or as the Rust servers do. */
export type SnowflakeLayout = 'database' | 'rust';

/** Bits below the millisecond: `database` is noetl.snowflake_id() and all Python ids, `rust` the Rust stack's. */
const SHIFT: Record<SnowflakeLayout, bigint> = { database: 23n, rust: 22n };

/** The console's own node number in each layout, the highest there is, so that servers' numbers stay theirs. */
const CONSOLE_NODE: Record<SnowflakeLayout, bigint> = { database: 31n << 18n, rust: 1023n << 12n };

/** The time, in milliseconds since 1970, that an id names if it has this layout. */
export function snowflakeTime(id: bigint, layout: SnowflakeLayout): number {
  return Number(id >> SHIFT[layout]) + SNOWFLAKE_EPOCH_MS;
}

/** The lowest id that this layout can give at a time; times before the epoch count as the epoch. */
export function snowflakeFloor(atMs: number, layout: SnowflakeLayout): bigint {
  return BigInt(Math.max(0, Math.trunc(atMs) - SNOWFLAKE_EPOCH_MS)) << SHIFT[layout];
}

/** An id for an event that the console itself writes at a time. */
export function consoleSnowflake(atMs: number, layout: SnowflakeLayout): bigint {
  return snowflakeFloor(atMs, layout) | CONSOLE_NODE[layout];
}

/**
 * The layout an event id was made in: the one whose time is nearer to when the row says that it was written. The two
 * differ by a factor of two in time since 2024, so a clock that is off by days does not confuse them.
 */
export function layoutOf(eventId: bigint, createdAtMs: number): SnowflakeLayout {
  const offBy = (layout: SnowflakeLayout) => Math.abs(snowflakeTime(eventId, layout) - createdAtMs);
  return offBy('rust') < offBy('database') ? 'rust' : 'database';
}
