import { endlessTime } from '../../domain/execution.js';
import { formatDuration } from '../../text/duration.js';

/** How long ago, in coarse words; empty when not known. */
export const ageOf = (at: number | null, now: number): string => (at === null ? '' : formatDuration(now - at));

/** Which clock the console's screens show; every screen that lets one choose says which it is. */
export type TimeZone = 'local' | 'utc';

/** Minutes that the terminal's clock is ahead of UTC at a moment: it changes with the seasons. */
const aheadOf = (at: number, zone: TimeZone): number => (zone === 'utc' ? 0 : -new Date(at).getTimezoneOffset());

/** `2026-08-01 12:00:01.250` in a zone; `infinity` for what lies beyond JavaScript's dates. */
export function fullTime(at: number, zone: TimeZone): string {
  const shifted = endlessTime(at) ? at : at + aheadOf(at, zone) * 60_000;
  return endlessTime(shifted) ?? new Date(shifted).toISOString().slice(0, -1).replace('T', ' ');
}

/** Day and minute in a zone: `11-23 14:02`; empty when not known. */
export const shortTime = (at: number | null, zone: TimeZone): string =>
  at === null ? '' : (endlessTime(at) ?? fullTime(at, zone).slice(5, 16));

/** `2026-08-01` in a zone. */
export const dayOf = (at: number, zone: TimeZone): string => fullTime(at, zone).slice(0, 10);

/** Time of day to the second or millisecond, with month and day before it where they are wanted. */
export function eventTime(at: number, zone: TimeZone, { day, millis }: { day: boolean; millis: boolean }): string {
  return endlessTime(at) ?? fullTime(at, zone).slice(day ? 5 : 11, millis ? 23 : 19);
}

/** `14:02` in a zone, with the date in front where it is not today's there. */
export function clockTime(at: number, now: number, zone: TimeZone): string {
  const day = dayOf(at, zone) === dayOf(now, zone) ? '' : `${dayOf(at, zone)} `;
  return endlessTime(at) ?? `${day}${fullTime(at, zone).slice(11, 16)}`;
}

/** `UTC`, or how far the terminal's clock is from it: `UTC+02:00`. */
export function zoneLabel(at: number, zone: TimeZone): string {
  if (zone === 'utc') return 'UTC';
  const ahead = endlessTime(at) ? 0 : aheadOf(at, zone);
  const two = (value: number) => String(value).padStart(2, '0');
  return `UTC${ahead < 0 ? '-' : '+'}${two(Math.floor(Math.abs(ahead) / 60))}:${two(Math.abs(ahead) % 60)}`;
}
