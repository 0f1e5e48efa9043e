import type { Notice } from '../shell/notices.js';
import { isBusy, type Job, type JobTally, tally } from './job-state.js';

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
    counted(counts.resumed, 'woke up and left alone') +
    counted(counts.failed, 'failed') +
    counted(counts.outcomeUnknown, 'with an unknown outcome') +
    counted(counts.notAttempted, 'not attempted');
  if (isBusy(job)) return { text: `cancelling ${job.done} of ${job.total}`, tone: 'info' };
  if (job.phase === 'following') {
    const soFar = `; ${counts.stopped} stopped${counted(counts.abandoned, 'abandoned')} so far`;
    return { text: done + rest + soFar, tone: bad ? 'bad' : 'info' };
  }
  const isSettled = job.follow?.allSettled === true;
  const end = counts.cancelled === 0 ? '' : `; ${settledWords(counts, isSettled)}`;
  const problem = job.problem ? ` (${job.problem})` : '';
  const tone = bad ? 'bad' : isSettled && counts.cancelled > 0 ? 'good' : 'warn';
  return { text: done + rest + end + problem, tone };
}

function settledWords({ stopped, abandoned }: JobTally, isSettled: boolean): string {
  if (isSettled) return abandoned > 0 ? `settled: ${stopped} stopped, ${abandoned} abandoned` : 'all stopped';
  return `${stopped} confirmed stopped${counted(abandoned, 'abandoned')}`;
}
