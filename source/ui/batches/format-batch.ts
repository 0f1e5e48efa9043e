import type { CancelOutcome } from '../../domain/cancellation.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { StopState } from '../../domain/stopping/stopping.js';
import { formatDuration } from '../../text/duration.js';
import { visibleText } from '../../text/visible-text.js';
import { type StatusWord, stopEvidence, stopWord } from '../rows/format-status.js';
import type { Notice } from '../shell/notices.js';
import { type Batch, type BatchTally, isBegunLater, isBusy, tally } from './batch-state.js';

/** What became of one execution of a batch, as a word with details. */
export function outcomeWord(outcome: CancelOutcome | undefined): StatusWord & { readonly detail: string } {
  if (!outcome) return { glyph: '·', word: 'waiting', color: 'faint', detail: '' };
  switch (outcome.kind) {
    case 'cancelled':
      return { glyph: '■', word: 'cancelled', color: 'good', detail: outcome.late ? 'found while cancelling' : '' };
    case 'ended': {
      const by = outcome.endedBy ? ` by ${visibleText(outcome.endedBy)}` : '';
      const race = outcome.lostRace ? ', which came first' : '';
      return { glyph: '✓', word: 'ended first', color: 'faint', detail: `${outcome.as}${by}${race}` };
    }
    case 'resumed':
      return { glyph: '●', word: 'resumed', color: 'warn', detail: 'emitted an event meanwhile: skipped' };
    case 'unknown':
      return { glyph: '?', word: 'not found', color: 'warn', detail: 'no events with this id' };
    case 'failed':
      return { glyph: '✗', word: 'failed', color: 'bad', detail: visibleText(outcome.message) };
    case 'outcome-unknown':
      return { glyph: '?', word: 'outcome unknown', color: 'bad', detail: visibleText(outcome.message) };
    case 'not-attempted':
      return {
        glyph: '–',
        word: 'not tried',
        color: 'warn',
        detail: 'the batch was stopped first; nothing was written',
      };
  }
}

/** How far a batch is, in words that change with what happened only. */
export function batchStatus(batch: Batch): string {
  const counts = tally(batch);
  if (batch.phase === 'failed') return `failed: ${visibleText(batch.problem ?? '')}`;
  if (isBusy(batch)) {
    if (batch.stopping) return `stopping at ${batch.done}/${batch.total}`;
    return batch.phase === 'sweeping'
      ? `looking for late children, ${batch.done}/${batch.total}`
      : `${batch.done}/${batch.total}`;
  }
  if (counts.cancelled === 0) return 'nothing was cancelled';
  const abandoned = counts.abandoned > 0 ? `, ${counts.abandoned} abandoned` : '';
  if (batch.follow?.allSettled) return settledWords(counts, true);
  const open = [
    counts.draining > 0 ? `${counts.draining} draining` : '',
    counts.stillEmitting > 0 ? `${counts.stillEmitting} STILL EMITTING` : '',
    counts.begunLaterOpen > 0 ? `${counts.begunLaterOpen} started later STILL RUNNING` : '',
  ].filter((part) => part !== '');
  const tail = open.length > 0 ? `, ${open.join(', ')}` : '';
  return `${counts.stopped}/${counts.cancelled} stopped${abandoned}${tail}${batch.followEnded ? ' (no longer watched)' : ''}`;
}

/** What became of a batch, in numbers; each number says what it counts. */
export function batchNumbers(batch: Batch): string {
  const counts = tally(batch);
  const later = counts.begunLaterOpen > 0 ? `${counts.begunLaterOpen} still running` : 'ended since';
  const before = batch.plan.ended.filter(({ executionId }) => !batch.outcomes.has(executionId)).length;
  const parts = [
    `${counts.cancelled} cancelled`,
    counts.late > 0 && `${counts.late} of them found late`,
    counts.begunLater > 0 && `${counts.begunLater} started after the cancel, not cancelled by this batch: ${later}`,
    counts.ended > 0 && `${counts.ended} ended first`,
    before > 0 && `${before} had ended before`,
    counts.resumed > 0 && `${counts.resumed} resumed, skipped`,
    counts.unknown > 0 && `${counts.unknown} not found`,
    counts.failed > 0 && `${counts.failed} FAILED`,
    counts.outcomeUnknown > 0 && `${counts.outcomeUnknown} OUTCOME UNKNOWN: check their status`,
    counts.notAttempted > 0 && `${counts.notAttempted} not tried`,
    batch.report?.sweepProblem && `could not look for late children: ${batch.report.sweepProblem}`,
    batch.problem && batch.phase !== 'failed' && batch.problem,
    batch.follow?.problem && `follow-up: ${batch.follow.problem}`,
  ];
  return visibleText(parts.filter(Boolean).join(' · '));
}

/** Batches that are going on, newest first, in one line; empty when none is. */
export function batchLine(batches: readonly Batch[]): string {
  const going = batches.filter((batch) => isBusy(batch) || batch.phase === 'following').reverse();
  const first = going[0];
  if (!first) return '';
  const verb = isBusy(first) ? 'cancelling' : 'cancelled';
  const more = going.length > 1 ? ` (and ${going.length - 1} more)` : '';
  return `${verb} ${isBusy(first) ? '' : `${tally(first).cancelled}: `}${batchStatus(first)}${more}`;
}

/** A bar of `width` cells. */
export function progressBar(done: number, total: number, width: number): string {
  const full = total === 0 ? width : Math.round((Math.min(done, total) / total) * width);
  return '█'.repeat(full) + '░'.repeat(Math.max(0, width - full));
}

/** What a batch's screen says of one execution. */
export interface BatchRowText {
  /** What the batch did with it. */
  readonly state: StatusWord;
  /** How far it has come to a stop since, where that is being watched. */
  readonly progress: StatusWord | null;
  /** Details, where there is no progress. */
  readonly detail: string;
  /** The one word of a narrow screen. */
  readonly word: StatusWord;
}

const BEGUN_LATER: StatusWord = { glyph: '+', word: 'began later', color: 'warn' };
const RUNS_ON: StatusWord = { glyph: '●', word: 'still running', color: 'bad' };
const OVER: StatusWord = { glyph: '✓', word: 'ended since', color: 'faint' };

function laterProgress(stop: StopState | undefined): StatusWord {
  if (stop?.phase === 'still-emitting') return RUNS_ON;
  return stop?.phase === 'stopped' ? OVER : stopWord(stop);
}

export function formatBatchRow(batch: Batch, id: ExecutionId): BatchRowText {
  const stop = batch.stops.get(id);
  if (isBegunLater(batch, id)) {
    return { state: BEGUN_LATER, progress: laterProgress(stop), detail: '', word: BEGUN_LATER };
  }
  const outcome = batch.outcomes.get(id);
  if (outcome?.kind === 'cancelled') {
    const { detail, ...state } = outcomeWord(outcome);
    const progress = stop || batch.follow ? stopWord(stop) : null;
    return { state, progress, detail, word: progress ?? state };
  }
  const ended = outcome ? undefined : batch.plan.ended.find((one) => one.executionId === id);
  if (ended) {
    const state: StatusWord = { glyph: '✓', word: 'had ended', color: 'faint' };
    return { state, progress: null, detail: `${ended.as}, before the cancel`, word: state };
  }
  const isUnknown = !outcome && batch.plan.unknown.includes(id);
  const { detail, ...state } = outcomeWord(isUnknown ? { kind: 'unknown', executionId: id, rootId: id } : outcome);
  return { state, progress: null, detail, word: state };
}

/** The evidence for one execution of a batch, in a sentence. */
export function batchEvidence(batch: Batch, id: ExecutionId, now: number): string {
  const stop = batch.stops.get(id);
  const age = (at: number) => formatDuration(now - at);
  if (isBegunLater(batch, id)) {
    const { progress } = formatBatchRow(batch, id);
    const last = stop?.violation ? `; ${stopEvidence(stop, age)}` : '';
    return `started after the cancel by a command still running then; not cancelled by this batch; ${progress?.word}${last}`;
  }
  return batch.outcomes.get(id)?.kind === 'cancelled' ? stopEvidence(stop, age) : formatBatchRow(batch, id).detail;
}

const counted = (count: number, words: string): string => (count === 0 ? '' : `, ${count} ${words}`);

/** A batch in one line, for whoever looks at another screen. */
export function batchNotice(batch: Batch): Notice {
  const counts = tally(batch);
  if (batch.phase === 'failed') {
    return { text: `cancel failed: ${batch.problem ?? 'unknown'}; ${counts.cancelled} cancelled before`, tone: 'bad' };
  }
  const bad = counts.failed + counts.outcomeUnknown > 0;
  const done = `cancelled ${counts.cancelled} of ${batch.total}`;
  const rest =
    counted(counts.ended, 'had ended') +
    counted(counts.resumed, 'resumed and skipped') +
    counted(counts.failed, 'failed') +
    counted(counts.outcomeUnknown, 'with an unknown outcome') +
    counted(counts.notAttempted, 'not attempted');
  if (isBusy(batch)) return { text: `cancelling ${batch.done} of ${batch.total}`, tone: 'info' };
  if (batch.phase === 'following') {
    const soFar = `; ${counts.stopped} stopped${counted(counts.abandoned, 'abandoned')} so far`;
    return { text: done + rest + soFar, tone: bad ? 'bad' : 'info' };
  }
  const isSettled = batch.follow?.allSettled === true;
  const end = counts.cancelled === 0 ? '' : `; ${settledWords(counts, isSettled)}`;
  const problem = batch.problem ? ` (${batch.problem})` : '';
  const tone = bad ? 'bad' : isSettled && counts.cancelled > 0 ? 'good' : 'warn';
  return { text: done + rest + end + problem, tone };
}

function settledWords({ stopped, abandoned }: BatchTally, isSettled: boolean): string {
  if (isSettled)
    return abandoned > 0
      ? `settled: ${stopped > 0 ? `${stopped} stopped, ` : ''}${abandoned} abandoned`
      : stopped === 1
        ? 'stopped'
        : `all ${stopped} stopped`;
  return `${stopped} confirmed stopped${counted(abandoned, 'abandoned')}`;
}
