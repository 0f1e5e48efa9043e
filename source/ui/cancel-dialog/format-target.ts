import { NO_PATH } from '../../domain/execution.js';
import { formatDuration } from '../../text/duration.js';
import { visibleText } from '../../text/visible-text.js';
import { padded } from '../../text/width.js';
import type { TimeZone } from '../kit/format-time.js';
import { evidenceText } from '../rows/format-evidence.js';
import { CODE_WORDS, type StatusWord, statusWord } from '../rows/format-status.js';
import { type DialogLine, type DraftState, gradeOf, type TargetFacts } from './draft-state.js';
import { unknownFacts } from './survey.js';

type Row = Extract<DialogLine, { kind: 'row' }>;

/** One row of the dialog's list: its texts, each as wide as its column. */
export interface TargetCells {
  readonly box: string;
  /** Null where the row cannot be taken or left. */
  readonly taken: boolean | null;
  readonly status: string;
  readonly statusColor: StatusWord['color'];
  readonly id: string;
  readonly silent: string;
  readonly path: string;
  readonly worker: string;
  readonly evidence: string;
  readonly evidenceTone: 'faint' | 'warn' | 'bad' | 'text';
}

const UNKNOWN_STATUS = { glyph: '?', word: 'UNKNOWN', short: '?', color: 'faint' } as const;
/** Cursor and box before, the spaces between the columns. */
const FRAME = 2 + 4;
const ID_WIDTH = 19;
const SILENT_WIDTH = 6;

interface Widths {
  readonly status: number;
  readonly path: number;
  readonly worker: number;
  readonly evidence: number;
}

/**
 * Status, id and silence are always there. The evidence's code goes last of the rest, the worker first: narrow screens have
 * worker and playbook in the details below.
 */
export function columnWidths(width: number): Widths {
  const status = width >= 80 ? 11 : 7;
  const room = width - FRAME - status - 1 - ID_WIDTH - 1 - SILENT_WIDTH - 1;
  if (width < 80) return { status, path: 0, worker: 0, evidence: Math.max(0, room) };
  if (width < 110) return { status, path: room - 18, worker: 0, evidence: 17 };
  const worker = width < 140 ? 17 : 24;
  const path = Math.min(40, Math.floor((room - worker - 2) * 0.4));
  return { status, path, worker, evidence: room - worker - path - 2 };
}

const silence = (facts: TargetFacts, now: number): string =>
  facts.lastEventAt === null ? '–' : formatDuration(Math.max(0, now - facts.lastEventAt));

const pathOf = ({ path }: TargetFacts): string => (path === null ? NO_PATH : visibleText(path));

/** The evidence as one short word and, where there is room, a sentence that is fit for the terminal. */
function evidenceOf(
  row: Row,
  facts: TargetFacts,
  state: DraftState,
  zone: TimeZone,
): { code: string; sentence: string } {
  if (row.role === 'ended') return { code: 'ended', sentence: 'has ended; it is skipped' };
  if (row.role === 'unknown') return { code: 'not found', sentence: 'the event table has no rows of it' };
  if (row.role === 'ancestor') {
    return { code: 'above', sentence: `not cancelled; it may be waiting for ${row.relative}, and then fail or go on` };
  }
  switch (gradeOf(facts)) {
    case 'healthy':
      return { code: '! healthy', sentence: `last event ${silence(facts, state.openedAt)} ago` };
    case 'runaway':
      return {
        code: `! ${facts.runaway?.code ?? 'runaway'}`,
        sentence: visibleText(facts.runaway?.evidence.sentence ?? ''),
      };
    case 'undiagnosed':
      return facts.status === null
        ? { code: 'not read yet', sentence: 'nothing has been read of it yet' }
        : { code: 'no diagnosis', sentence: visibleText(state.evidenceProblem ?? 'its evidence is being read') };
    default: {
      const code = facts.diagnosis?.code ?? 'unknown';
      const evidence = facts.diagnosis?.evidence;
      const sentence = (evidence && evidenceText(evidence, { now: state.openedAt, zone })) || CODE_WORDS[code];
      return { code: `${facts.diagnosis?.safe ? '' : '! '}${code}`, sentence };
    }
  }
}

const TONE = { safe: 'text', unsafe: 'warn', runaway: 'warn', undiagnosed: 'warn', healthy: 'bad' } as const;

export const factsOf = (row: Row, state: DraftState): TargetFacts =>
  state.facts.get(row.executionId) ?? unknownFacts(row.executionId);

export function targetCells(row: Row, state: DraftState, widths: Widths, zone: TimeZone): TargetCells {
  const facts = factsOf(row, state);
  const { glyph, word, short, color } = facts.status ? statusWord(facts.status) : UNKNOWN_STATUS;
  const canTake = row.role === 'chosen' || row.role === 'descendant';
  const taken = canTake ? !state.leftOut.has(row.executionId) : null;
  const { code, sentence } = evidenceOf(row, facts, state, zone);
  const evidence = widths.evidence > 30 ? `${code}: ${sentence}` : code;
  return {
    box: taken === null ? '    ' : taken ? '[x] ' : '[ ] ',
    taken,
    status: padded(`${glyph} ${word.length + 2 > widths.status ? short : word}`, widths.status),
    statusColor: color,
    id: padded(row.executionId, ID_WIDTH),
    silent: padded(silence(facts, state.openedAt), SILENT_WIDTH, { align: 'right' }),
    path: padded(pathOf(facts), widths.path, { keep: 'end' }),
    worker: padded(facts.workerId ? visibleText(facts.workerId) : '–', widths.worker),
    evidence: padded(evidence, widths.evidence),
    evidenceTone: canTake ? TONE[gradeOf(facts)] : 'faint',
  };
}

/** Where the row stands, for the details: nothing to say of a chosen one in plain sight. */
function placeOf(row: Row, state: DraftState): string | null {
  switch (row.role) {
    case 'descendant':
      return `descendant, level ${row.depth}`;
    case 'orphan':
      return row.depth === 1 ? 'not cancelled: keeps running as an orphan' : 'not cancelled: keeps running';
    case 'ancestor':
      return 'ancestor';
    default:
      return state.targets.find((target) => target.executionId === row.executionId)?.hidden
        ? 'hidden by the filter or view'
        : null;
  }
}

/** All that is known of the line under the cursor, in full. */
export function detailText(
  line: DialogLine | undefined,
  state: DraftState,
  zone: TimeZone,
): { first: string; rest: string } {
  if (line === undefined) return { first: '', rest: '' };
  if (line.kind !== 'row') return { first: line.text, rest: '' };
  const facts = factsOf(line, state);
  const { code, sentence } = evidenceOf(line, facts, state, zone);
  const place = placeOf(line, state);
  const isLive = facts.status === 'RUNNING' || facts.status === 'STALE';
  const since = facts.lastEventAt === null ? null : silence(facts, state.openedAt);
  const first = [
    pathOf(facts),
    facts.workerId ? `worker ${visibleText(facts.workerId)}` : 'no worker',
    since === null ? 'last event not known' : isLive ? `silent ${since}` : `ended ${since} ago`,
  ];
  const left = state.leftOut.has(line.executionId) ? 'left out: ' : '';
  const grade = facts.diagnosis ? (facts.diagnosis.safe ? 'safe to cancel, ' : 'unsafe, ') : '';
  return {
    first: first.join(' · '),
    rest: `${place ? `${place}. ` : ''}${left}${grade}${code.replace('! ', '')}: ${sentence}`,
  };
}
