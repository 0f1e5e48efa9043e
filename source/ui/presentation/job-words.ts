import type { CancelOutcome } from '../../domain/cancellation.js';
import { visibleText } from '../../domain/visible-text.js';
import { isBusy, type Job, tally } from '../state/job-state.js';
import type { StatusWord } from './status-words.js';

/** What became of one execution of a batch, in a word and with what is worth telling of it. */
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
    case 'woke':
      return { glyph: '●', word: 'woke up', color: 'warn', detail: 'had an event meanwhile: left alone' };
    case 'unknown':
      return { glyph: '?', word: 'not found', color: 'warn', detail: 'no event names it' };
    case 'failed':
      return { glyph: '✗', word: 'failed', color: 'bad', detail: visibleText(outcome.message) };
    case 'outcome-unknown':
      return { glyph: '?', word: 'outcome unknown', color: 'bad', detail: visibleText(outcome.message) };
    case 'not-attempted':
      return { glyph: '–', word: 'not tried', color: 'warn', detail: 'stopped before; nothing was written' };
  }
}

/** How far a batch is, in words that change with what happened only. */
export function jobStatus(job: Job): string {
  const counts = tally(job);
  if (job.phase === 'failed') return `failed: ${visibleText(job.problem ?? '')}`;
  if (isBusy(job)) {
    if (job.stopping) return `stopping at ${job.done}/${job.total}`;
    return job.phase === 'sweeping'
      ? `looking for late children, ${job.done}/${job.total}`
      : `${job.done}/${job.total}`;
  }
  if (counts.cancelled === 0) return 'nothing was cancelled';
  if (job.follow?.allStopped) return `all ${counts.cancelled} stopped`;
  const open = [
    counts.draining > 0 ? `${counts.draining} draining` : '',
    counts.stillEmitting > 0 ? `${counts.stillEmitting} STILL EMITTING` : '',
    counts.begunLaterOpen > 0 ? `${counts.begunLaterOpen} begun later STILL GOING` : '',
  ].filter((part) => part !== '');
  const tail = open.length > 0 ? `, ${open.join(', ')}` : '';
  return `${counts.stopped}/${counts.cancelled} stopped${tail}${job.followEnded ? ' (no longer watched)' : ''}`;
}

/** What became of a batch, in numbers; each number says what it counts. */
export function jobNumbers(job: Job): string {
  const counts = tally(job);
  const later = counts.begunLaterOpen > 0 ? `${counts.begunLaterOpen} still going` : 'ended since';
  const before = job.plan.ended.filter(({ executionId }) => !job.outcomes.has(executionId)).length;
  const parts = [
    `${counts.cancelled} cancelled`,
    counts.late > 0 && `${counts.late} of them found late`,
    counts.begunLater > 0 && `${counts.begunLater} begun after the cancel, not cancelled by this batch: ${later}`,
    counts.ended > 0 && `${counts.ended} ended first`,
    before > 0 && `${before} had ended before`,
    counts.woke > 0 && `${counts.woke} woke up, left alone`,
    counts.unknown > 0 && `${counts.unknown} not found`,
    counts.failed > 0 && `${counts.failed} FAILED`,
    counts.outcomeUnknown > 0 && `${counts.outcomeUnknown} OUTCOME UNKNOWN: check their status`,
    counts.notAttempted > 0 && `${counts.notAttempted} not tried`,
    job.report?.sweepProblem && `late children not looked for: ${job.report.sweepProblem}`,
    job.problem && job.phase !== 'failed' && job.problem,
    job.follow?.problem && `follow-up: ${job.follow.problem}`,
  ];
  return visibleText(parts.filter(Boolean).join(' · '));
}

/** Batches that are going on, newest first, in one line; empty when none is. */
export function jobLine(jobs: readonly Job[]): string {
  const going = jobs.filter((job) => isBusy(job) || job.phase === 'following').reverse();
  const first = going[0];
  if (!first) return '';
  const verb = isBusy(first) ? 'cancelling' : 'cancelled';
  const more = going.length > 1 ? ` (and ${going.length - 1} more)` : '';
  return `${verb} ${isBusy(first) ? '' : `${tally(first).cancelled}: `}${jobStatus(first)}${more}`;
}

/** A bar of `width` cells. */
export function progressBar(done: number, total: number, width: number): string {
  const full = total === 0 ? width : Math.round((Math.min(done, total) / total) * width);
  return '█'.repeat(full) + '░'.repeat(Math.max(0, width - full));
}
