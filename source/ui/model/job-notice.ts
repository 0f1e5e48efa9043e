import { isBusy, type Job, tally } from '../state/job-state.js';
import type { Notice } from './notices.js';

const counted = (count: number, words: string): string => (count === 0 ? '' : `, ${count} ${words}`);

/** A batch in one line, for whoever looks at another screen. */
export function jobNotice(job: Job): Notice {
  const counts = tally(job);
  if (job.phase === 'failed') {
    return { text: `cancel failed: ${job.problem ?? 'unknown'}; ${counts.cancelled} cancelled before`, tone: 'bad' };
  }
  const bad = counts.failed + counts.outcomeUnknown > 0;
  const done = `cancelled ${counts.cancelled} of ${job.total}`;
  const rest =
    counted(counts.ended, 'had ended') +
    counted(counts.woke, 'woke up and left alone') +
    counted(counts.failed, 'failed') +
    counted(counts.outcomeUnknown, 'with an unknown outcome') +
    counted(counts.notAttempted, 'not attempted');
  if (isBusy(job)) return { text: `cancelling ${job.done} of ${job.total}`, tone: 'info' };
  if (job.phase === 'following') {
    const stopped = `; ${counts.stopped} stopped so far`;
    return { text: done + rest + stopped, tone: bad ? 'bad' : 'info' };
  }
  const isStopped = job.follow?.allStopped === true;
  const end = counts.cancelled === 0 ? '' : isStopped ? '; all stopped' : `; ${counts.stopped} seen to have stopped`;
  const problem = job.problem ? ` (${job.problem})` : '';
  const tone = bad ? 'bad' : isStopped && counts.cancelled > 0 ? 'good' : 'warn';
  return { text: done + rest + end + problem, tone };
}
