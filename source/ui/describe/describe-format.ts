import { sentenceSaying } from '../../domain/staleness/stale-evidence.js';
import type { ExecutionDescription } from '../../service/describe.js';
import { type DescribedFact, describedFacts, statusText } from '../../service/describe-facts.js';
import type { MomentWords } from '../../service/moment-words.js';
import { displayWidth, wrap } from '../../text/width.js';
import { clockTime, fullTime, type TimeZone, zoneLabel } from '../kit/format-time.js';
import { type StatusWord, statusWord } from '../rows/format-status.js';

/** One line of the screen; a fact that is longer than the screen is wide has several. */
export interface DescribeLine {
  /** Which fact it belongs to. */
  readonly fact: string;
  /** Which line of the fact it is, from 0. */
  readonly part: number;
  readonly label: string;
  readonly text: string;
  readonly tone: DescribedFact['tone'] | StatusWord['color'];
  readonly leadsTo: DescribedFact['leadsTo'] | null;
}

/** What is not known, so that it does not read as none or 0. */
const UNKNOWN = '–';
/** A text wider than this is hard to read, however wide the terminal is. */
const MOST_TEXT = 110;
/** The longest label and a gap. */
export const LABEL_WIDTH = 13;
/** The cursor's column and a gap. */
export const MARGIN = 2;

/** An execution in lines that fit into `width` columns, its status first. */
export function describeLines(
  one: ExecutionDescription,
  now: number,
  { width, zone }: { width: number; zone: TimeZone },
): DescribeLine[] {
  const status = statusWord(one.status);
  const say = momentWords(now, zone);
  const facts: (Omit<DescribedFact, 'tone'> & { readonly tone: DescribeLine['tone'] })[] = [
    { label: 'Status', text: `${status.glyph} ${statusText(one, now, say)}`, tone: status.color },
    ...describedFacts(one, now, say),
  ];
  const room = Math.max(1, Math.min(MOST_TEXT, width - MARGIN - LABEL_WIDTH));
  return facts.flatMap(({ label, text, tone, leadsTo }) =>
    wrapped(text === null ? UNKNOWN : text, room).map((part, at) => ({
      fact: label,
      part: at,
      label: at === 0 ? label : '',
      text: part,
      tone: text === null ? 'faint' : tone,
      leadsTo: leadsTo ?? null,
    })),
  );
}

/**
 * Moments by the clock that the screen says it shows, so without its name; one at which that clock was further ahead or
 * behind, as in summer, says so.
 */
function momentWords(now: number, zone: TimeZone): MomentWords {
  const unlike = (at: number) => (zoneLabel(at, zone) === zoneLabel(now, zone) ? '' : ` ${zoneLabel(at, zone)}`);
  return {
    moment: (at) => `${fullTime(at, zone).slice(0, 19)}${unlike(at)}`,
    evidence: (evidence) => sentenceSaying(evidence, (at) => `${clockTime(at, now, zone)}${unlike(at)}`),
  };
}

/** In lines of at most `room` columns; a character that is wider than that is left out. */
const wrapped = (text: string, room: number): string[] => {
  const lines = wrap(text, room).filter((line) => displayWidth(line) <= room);
  return lines.length === 0 ? [''] : lines;
};
