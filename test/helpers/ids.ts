import { type SnowflakeLayout, snowflakeFloor } from '../../source/domain/snowflake.js';

/** Node number of the tests' ids, unlike the console's and the demo's. */
const NODE: Record<SnowflakeLayout, bigint> = { database: 2n << 18n, rust: 7n << 12n };
const SEQUENCE: Record<SnowflakeLayout, number> = { database: 1 << 18, rust: 1 << 12 };

/** The id of a given sequence number that a layout gives at a time (milliseconds since 1970, or a Date). */
export function idAt(at: number | Date, layout: SnowflakeLayout = 'database', sequence = 0): string {
  return (snowflakeFloor(Number(at), layout) | NODE[layout] | BigInt(sequence % SEQUENCE[layout])).toString();
}

let drawn = 0;

/** Like `idAt`, with a sequence number that no earlier call in this process has had (4,096 of them in a millisecond). */
export const nextIdAt = (at: number | Date = Date.now(), layout: SnowflakeLayout = 'database'): string =>
  idAt(at, layout, drawn++);
