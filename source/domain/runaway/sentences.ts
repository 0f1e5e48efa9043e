import { formatDuration } from '../../text/duration.js';
import { type Baseline, MIN_BASELINE_RUNS, type Rate, type Runaway } from './facts.js';

/** Words that evidence is made of. */

/** `1,204`: thousands separated, whatever the locale. */
export const counted = (count: number): string => Math.round(count).toLocaleString('en-US');

export const times = (count: number): string => (count === 1 ? 'once' : `${counted(count)} times`);
export const atLeast = (isCapped: boolean): string => (isCapped ? 'at least ' : '');
export const runs = (count: number): string => `its last ${counted(count)} runs`;

/** A stretch of time, never empty: two events of one millisecond are `1s` apart. */
export const timeSpan = (ms: number): string => formatDuration(Math.max(1000, ms));

/** `30 events a minute`; slower than one a minute with a decimal, so that it does not read as none. */
export function rateWords({ perMinute, of }: Rate): string {
  const figure = perMinute >= 10 ? counted(perMinute) : String(Math.round(perMinute * 10) / 10);
  return `${perMinute > 0 && perMinute < 0.1 ? 'under 0.1' : figure} ${of} a minute`;
}

/** The whole of it in one line: sentence, rate, further codes. */
export const evidenceLine = ({ evidence, rate, also }: Runaway): string =>
  [evidence.sentence, rate ? rateWords(rate) : null, also.length > 0 ? `also ${also.join(', ')}` : null]
    .filter((part) => part !== null)
    .join('; ');

/** A playbook's usual run time. */
export type UsualRunTime = Pick<Baseline, 'runs' | 'medianMs' | 'p95Ms'>;

/** `12m, usually 40s`; without a baseline only how long it has run. */
export const runTimeWords = (runMs: number, usual: UsualRunTime | null): string =>
  usual && usual.runs >= MIN_BASELINE_RUNS
    ? `${formatDuration(runMs)}, usually ${formatDuration(usual.medianMs)}`
    : formatDuration(runMs);
