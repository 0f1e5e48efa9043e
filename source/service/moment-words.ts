import { type EpochMs, endlessTime } from '../domain/execution.js';
import type { StaleEvidence } from '../domain/staleness/staleness-types.js';
import { formatDuration } from '../text/duration.js';

/** How moments are said: in UTC, or by the clock that a front end shows. */
export interface MomentWords {
  /** A time to the second. */
  readonly moment: (at: EpochMs) => string;
  /** A diagnosis' sentence, with the moment that it names. */
  readonly evidence: (evidence: StaleEvidence) => string;
}

/** `2026-08-01 11:00:00Z`. */
export const UTC_WORDS: MomentWords = {
  moment: (at) =>
    endlessTime(at) ??
    new Date(at)
      .toISOString()
      .replace('T', ' ')
      .replace(/\.\d+Z$/, 'Z'),
  evidence: ({ sentence }) => sentence,
};

/** `3m ago (2026-08-01 11:00:00Z)`. */
export const whenWords =
  (now: EpochMs, say: MomentWords) =>
  (at: EpochMs): string =>
    `${formatDuration(now - at)} ago (${say.moment(at)})`;
