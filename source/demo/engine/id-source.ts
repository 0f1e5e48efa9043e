import { type SnowflakeLayout, snowflakeFloor } from '../../domain/snowflake.js';
import type { Random } from './random.js';

/** Node numbers of the demo's servers: below the console's own and unlike the database function's shard. */
const NODE: Record<SnowflakeLayout, bigint> = { database: 3n << 18n, rust: 11n << 12n };
const SEQUENCE: Record<SnowflakeLayout, bigint> = { database: 1n << 18n, rust: 1n << 12n };

/** Gives out ids in both layouts, none twice: one sequence runs through all of them. */
export class IdSource {
  private sequence = 0n;

  /**
   * @param shiftMs how far the time in the ids lags behind the time that they are drawn for; backdated ids count from
   *   the full hour, so that demos with one seed that start within an hour have the same ones.
   */
  constructor(private readonly shiftMs = 0) {}

  /** An id for a time in milliseconds since 1970. */
  at(atMs: number, layout: SnowflakeLayout): bigint {
    const sequence = this.sequence++ % SEQUENCE[layout];
    return snowflakeFloor(atMs - this.shiftMs, layout) | NODE[layout] | sequence;
  }
}

/** An inline Python child's id: random, below 10^18, with no time in it (event-store.md, "Ids"). */
export const timelessId = (random: Random): bigint =>
  BigInt(random.below(2 ** 29)) * 2n ** 30n + BigInt(random.below(2 ** 30)) + 1n;
