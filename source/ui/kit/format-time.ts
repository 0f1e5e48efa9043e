import { endlessTime } from '../../domain/time-range.js';
import { formatDuration } from '../../text/duration.js';

/** How long ago, in coarse words; empty when not known. */
export const ageOf = (at: number | null, now: number): string => (at === null ? '' : formatDuration(now - at));

/** Day and minute in UTC, as the event table has them: `11-23 14:02`. */
export function shortTime(at: number | null): string {
  return at === null ? '' : (endlessTime(at) ?? new Date(at).toISOString().slice(5, 16).replace('T', ' '));
}

/** Time of day to the second in UTC, with the day where it is not the day of `now`. */
export function eventTime(at: number, now: number): string {
  const endless = endlessTime(at);
  if (endless) return endless;
  const text = new Date(at).toISOString();
  return text.slice(0, 10) === new Date(now).toISOString().slice(0, 10)
    ? text.slice(11, 19)
    : text.slice(5, 19).replace('T', ' ');
}
