import { sentenceSaying } from '../../domain/staleness/stale-evidence.js';
import type { StaleEvidence } from '../../domain/staleness/staleness-types.js';
import { visibleText } from '../../text/visible-text.js';
import { clockTime, type TimeZone, zoneLabel } from '../kit/format-time.js';

/** Which clock a text is for, and what it shows now. */
export interface ShownClock {
  readonly now: number;
  readonly zone: TimeZone;
}

/** The sentence of some evidence, fit for the terminal, its moment by the clock that the console shows: `19:32 UTC+05:30`. */
export const evidenceText = (
  evidence: Pick<StaleEvidence, 'sentence' | 'namedAt'>,
  { now, zone }: ShownClock,
): string => visibleText(sentenceSaying(evidence, (at) => `${clockTime(at, now, zone)} ${zoneLabel(at, zone)}`));
