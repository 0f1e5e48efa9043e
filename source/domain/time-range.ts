import type { EpochMs } from './execution.js';

/**
 * The end of JavaScript's dates, in milliseconds since 1970. PostgreSQL's reach further, and may be infinite: the store
 * hands those out as this value or its negative, so that everything can compute with them.
 */
export const TIME_LIMIT_MS = 8_640_000_000_000_000;

/** PostgreSQL's word for a time beyond that range; null for every other time. */
export const endlessTime = (at: EpochMs): 'infinity' | '-infinity' | null =>
  at >= TIME_LIMIT_MS ? 'infinity' : at <= -TIME_LIMIT_MS ? '-infinity' : null;
