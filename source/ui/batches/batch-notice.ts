import type { Notice } from '../shell/notices.js';
import { type Batch, type BatchTally, isBusy, tally } from './batch-state.js';

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
      ? `settled: ${stopped} stopped, ${abandoned} abandoned`
      : stopped === 1
        ? 'stopped'
        : `all ${stopped} stopped`;
  return `${stopped} confirmed stopped${counted(abandoned, 'abandoned')}`;
}
