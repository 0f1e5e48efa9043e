import { formatDuration } from '../../text/duration.js';
import { type EpochMs, endlessTime } from '../execution.js';
import type { OutstandingCommand, Relative, StaleFacts, StaleThresholds } from './stale-facts.js';
import type { StaleEvidence } from './staleness-types.js';

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

/** The sentence of some evidence with the moment that it names in other words, such as those of another time zone. */
export function sentenceSaying(
  { sentence, namedAt }: Pick<StaleEvidence, 'sentence' | 'namedAt'>,
  say: (at: EpochMs) => string,
): string {
  if (namedAt === null || endlessTime(namedAt)) return sentence;
  const iso = new Date(namedAt).toISOString();
  return sentence.replace(new RegExp(`(?:${iso.slice(0, 10)} )?${iso.slice(11, 16)} UTC`), () => say(namedAt));
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

/** Characters of a failure's text that a sentence has room for. */
const LONGEST = 200;

/**
 * A failure's text as part of one line: white space collapsed, cut after `longest` characters. What a terminal would obey
 * is left for whoever prints it. Null where nothing is left.
 */
export function failureLine(text: string | null, longest: number = LONGEST): string | null {
  if (text === null) return null;
  // The input is bounded by its reader; the slice keeps a longer one from being scanned as a whole.
  const line = text
    .slice(0, 4 * longest)
    .replace(/\s+/g, ' ')
    .trim();
  const characters = [...line];
  if (characters.length === 0) return null;
  return characters.length > longest ? `${characters.slice(0, longest - 1).join('')}…` : line;
}

export type Evidence = Partial<StaleEvidence> & Pick<StaleEvidence, 'sentence'>;
/** The evidence for one code, or null when the code does not apply. */
export type Rule = (facts: StaleFacts, now: EpochMs, thresholds: StaleThresholds) => Evidence | null;

export const ofRelative = ({ executionId, lastEvent }: Relative) => ({
  eventType: lastEvent.type,
  node: lastEvent.node,
  workerId: lastEvent.workerId,
  relatedExecutionId: executionId,
  at: lastEvent.at,
});

export const ofCommand = (command: OutstandingCommand) => ({
  eventType: command.eventType,
  node: command.node,
  commandId: command.commandKey,
  workerId: command.workerId,
  at: command.at,
});

export function complete(evidence: Evidence, now: EpochMs): StaleEvidence {
  const at = evidence.at ?? null;
  return {
    namedAt: null,
    eventType: null,
    node: null,
    commandId: null,
    workerId: null,
    relatedExecutionId: null,
    cohort: null,
    ...evidence,
    at,
    ageMs: at === null ? null : Math.max(0, Math.round(now - at)),
  };
}
