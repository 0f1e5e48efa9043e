import type { CancelOutcome } from '../../domain/cancellation.js';
import { visibleText } from '../../text/visible-text.js';
import type { StatusWord } from '../rows/format-status.js';
import { type Batch, isBusy, tally } from './batch-state.js';

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
  if (batch.follow?.allSettled) {
    return counts.abandoned > 0
      ? `settled: ${counts.stopped} stopped${abandoned}`
      : counts.cancelled === 1
        ? 'stopped'
        : `all ${counts.cancelled} stopped`;
  }
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
