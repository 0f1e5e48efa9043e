import type { EpochMs } from '../../domain/execution.js';
import { endlessTime } from '../../domain/time-range.js';
import { isoTime } from '../../service/json/execution-json.js';
import { formatDuration } from '../../text/duration.js';

/** A time for a table: to the second, in UTC. */
export const shortTime = (at: EpochMs | null): string => {
  const iso = at === null ? null : (endlessTime(at) ?? isoTime(at));
  return iso === null ? '-' : iso.replace('T', ' ').replace(/\.\d+Z$/, 'Z');
};

/** How long ago, coarsely. */
export const ago = (at: EpochMs | null, now: EpochMs): string => (at === null ? '-' : formatDuration(now - at));
