import { phaseTotals } from '../../domain/stopping/stop-sentences.js';
import { countPhases, type StopPhase } from '../../domain/stopping/stopping.js';
import type { BatchStanding, LoggedBatch } from '../../service/report/batch-list.js';
import { visibleText } from '../../text/visible-text.js';
import { padded, truncate } from '../../text/width.js';
import { plural } from '../../text/words.js';
import { shortTime, type TimeZone } from '../kit/format-time.js';
import { type StatusWord, stopWord } from '../rows/format-status.js';
import { type Batch, cancelledIn, isBusy } from './batch-state.js';
import { batchStatus } from './format-batch.js';

/** A row of the list of batches: of this session, of the log, or both. */
export interface BatchEntry {
  readonly id: string;
  readonly at: number;
  readonly cancelledBy: string | null;
  readonly reason: string | null;
  readonly source: string | null;
  readonly executions: number;
  /** More may lie in the part of the log that has not been read. */
  readonly isPartial: boolean;
  readonly requested: number;
  readonly cascade: boolean;
  readonly session: Batch | null;
  readonly logged: LoggedBatch | null;
  readonly standing: BatchStanding | null;
}

export const entryOfSession = (batch: Batch): BatchEntry => ({
  id: batch.id,
  at: batch.startedAt,
  cancelledBy: batch.request.cancelledBy,
  reason: batch.request.reason,
  source: batch.request.source,
  executions: cancelledIn(batch).length,
  isPartial: isBusy(batch),
  requested: batch.plan.targets.filter(({ depth }) => depth === 0).length,
  cascade: batch.request.cascade,
  session: batch,
  logged: null,
  standing: null,
});

export const entryOfLog = (logged: LoggedBatch, standing: BatchStanding | null): BatchEntry => ({
  id: logged.batchId,
  at: logged.firstAt,
  cancelledBy: logged.cancelledBy,
  reason: logged.reason,
  source: logged.source,
  executions: logged.executions,
  isPartial: logged.isPartial,
  requested: logged.requested,
  cascade: logged.cascade,
  session: null,
  logged,
  standing,
});

type Phases = Readonly<Record<StopPhase, number>>;

/** The least settled phase of a batch names it. */
const WORST_FIRST: readonly StopPhase[] = ['still-emitting', 'draining', 'requested', 'abandoned', 'stopped'];

function phasesWord(phases: Phases): StatusWord {
  const worst = WORST_FIRST.find((phase) => phases[phase] > 0);
  if (!worst) return stopWord(undefined);
  const { glyph, color, word } = stopWord({ executionId: '', phase: worst, draining: 0, violation: null });
  if (worst === 'stopped') return { glyph, color, word };
  if (worst === 'abandoned') return { glyph, color, word: phaseTotals(phases) };
  return { glyph, color, word: `${phases[worst]} ${word.replace(/ 0$/, '')}` };
}

/** Whether the work of a batch has stopped, in a word or two. */
export function standingWord({ session, standing, executions }: BatchEntry): StatusWord {
  if (!session) {
    if (!standing) return stopWord(undefined);
    const word = phasesWord(standing.phases);
    const part = standing.looked < executions && standing.isSettled ? ` (newest ${standing.looked})` : '';
    return { ...word, word: `${word.word}${part}` };
  }
  if (session.phase === 'failed') return { glyph: '✗', word: 'failed', color: 'bad' };
  if (isBusy(session)) return { glyph: '…', word: `cancelling ${batchStatus(session)}`, color: 'warn' };
  if (executions === 0) return { glyph: '–', word: 'nothing cancelled', color: 'faint' };
  const states = cancelledIn(session).flatMap((id) => session.stops.get(id) ?? []);
  return phasesWord(countPhases(states));
}

interface BatchColumns {
  readonly when: number;
  readonly who: number;
  readonly count: number;
  readonly state: number;
  readonly why: number;
}

/** How wide each column is; what is left belongs to the reason. */
export function batchColumns(width: number): BatchColumns {
  const [who, state] = width >= 120 ? [24, 28] : width >= 80 ? [16, 22] : [10, 17];
  const fixed = { when: 11, who, count: width >= 80 ? 8 : 6, state };
  return { ...fixed, why: Math.max(0, width - 3 - fixed.when - who - fixed.count - state - 4) };
}

export function batchHeadLine(columns: BatchColumns, zone: TimeZone): string {
  const { when, who, count, state, why } = columns;
  const number = 'NUMBER'.slice(0, count).padStart(count);
  return `  ${padded(zone === 'utc' ? 'WHEN UTC' : 'WHEN LOCAL', when)} ${padded('WHO', who)} ${number}  ${padded('STATE', state)} ${padded('WHY', why)}`;
}

/** A row in three parts, of which the middle one has a colour of its own. */
export interface BatchRowText {
  readonly before: string;
  readonly state: StatusWord;
  readonly stateText: string;
  readonly why: string;
}

export function formatBatchEntry(entry: BatchEntry, columns: BatchColumns, zone: TimeZone): BatchRowText {
  const { when, who, count, state, why } = columns;
  const word = standingWord(entry);
  const number = `${entry.executions.toLocaleString('en')}${entry.isPartial ? '+' : ''}`;
  const actor = entry.cancelledBy === null ? '–' : visibleText(entry.cancelledBy);
  return {
    before: `${padded(shortTime(entry.at, zone), when)} ${padded(actor, who)} ${truncate(number, count).padStart(count)}  `,
    state: word,
    stateText: padded(`${word.glyph} ${word.word}`, state),
    why: ` ${padded(entry.reason === null ? '–' : visibleText(entry.reason), why)}`,
  };
}

/** What the row under the cursor has no room for, a line each: the batch, how it was run, and its state. */
export function batchDetails(entry: BatchEntry): {
  readonly batch: string;
  readonly state: string;
  readonly reason: string;
} {
  const below = Math.max(0, entry.executions - entry.requested);
  const parts = [
    `batch ${visibleText(entry.id)}`,
    entry.session ? 'this session' : `by ${visibleText(entry.cancelledBy ?? 'someone who is not named')}`,
    entry.source === null ? '' : visibleText(entry.source),
  ];
  const made = below > 0 ? `${entry.requested} chosen, ${plural(below, 'descendant')}` : `${entry.requested} chosen`;
  return {
    batch: parts.filter((part) => part !== '').join(' · '),
    state: `${made} · ${stateSentence(entry)}`,
    reason: entry.reason === null ? 'no reason given' : `reason: ${visibleText(entry.reason)}`,
  };
}

function stateSentence({ session, standing, executions, isPartial }: BatchEntry): string {
  if (session) return batchStatus(session);
  if (!standing) return 'the event log has not been read yet';
  const part = standing.looked < executions || isPartial ? `, of the newest ${standing.looked}` : '';
  const settled = standing.isSettled ? 'settled: ' : '';
  return `${settled}${phaseTotals(standing.phases)}${part}`;
}

/** True where a look may find something else than the last one did. */
export const isOpen = ({ session, standing, logged }: BatchEntry): boolean =>
  session === null && (!standing?.isSettled || standing.looked < (logged?.members.length ?? 0));
