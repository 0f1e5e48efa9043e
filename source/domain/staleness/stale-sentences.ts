import { formatDuration } from '../../text/duration.js';
import type { EpochMs } from '../execution.js';
import { endlessTime } from '../time-range.js';

/** Words that evidence is made of; every age is coarse, so that a sentence does not change with every refresh. */

export const ago = (at: EpochMs, now: EpochMs): string => `${formatDuration(now - at)} ago`;

/** `14:02 UTC`, with the date in front where it is not today's. */
export function clockTime(at: EpochMs, now: EpochMs): string {
  const endless = endlessTime(at);
  if (endless) return endless;
  const iso = new Date(at).toISOString();
  const today = iso.slice(0, 10) === new Date(now).toISOString().slice(0, 10);
  return `${today ? '' : `${iso.slice(0, 10)} `}${iso.slice(11, 16)} UTC`;
}

/** A step's name marked as one, or what stands for it. */
export const step = (node: string | null): string => (node ? `\`${node}\`` : 'a step without a name');

/** `\`command.started\` at \`load\``. */
export const happening = (event: { readonly type: string; readonly node: string | null }): string =>
  event.node ? `\`${event.type}\` at \`${event.node}\`` : `\`${event.type}\``;

export const andMore = (count: number): string => (count > 0 ? ` (and ${count} more like it)` : '');

/** What a worker did last to a command, by the command's newest event. */
export const heldVerb = (stage: 'claimed' | 'started' | 'issued'): string =>
  stage === 'claimed' ? 'claimed' : 'started';
