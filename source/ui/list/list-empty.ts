import type { FeedHealth } from '../../service/live-feed/feed-state.js';
import { formatDuration } from '../../text/duration.js';
import { visibleText } from '../../text/visible-text.js';
import type { ListState } from './list-state.js';

export interface EmptyWords {
  readonly title: string;
  readonly hints: readonly string[];
  readonly tone: 'faint' | 'warn' | 'bad' | 'good';
}

/** Why a list shows nothing, and what to do about it. */
export function emptyWords(
  state: ListState,
  health: FeedHealth,
  readAt: number,
  side: { loading: boolean; problem: string | null } | undefined,
): EmptyWords {
  if (readAt === 0 && health.kind === 'reconnecting') {
    return {
      title: 'The database cannot be read',
      hints: [
        visibleText(health.problem),
        'It is tried again by itself; r tries now. `noetl-console doctor` says what to mend.',
      ],
      tone: 'bad',
    };
  }
  if (readAt === 0 && health.kind !== 'paused') {
    return {
      title: 'Reading the executions…',
      hints: ['The first read may take a while on a big table.'],
      tone: 'faint',
    };
  }
  if (side?.problem) return { title: 'This view could not be read', hints: [visibleText(side.problem)], tone: 'bad' };
  if (side?.loading || state.ordering) return { title: 'Reading…', hints: [], tone: 'faint' };
  if (state.filterText !== '') {
    return {
      title: 'Nothing matches the filter',
      hints: [visibleText(state.filterText), '/ changes it, Esc takes it off'],
      tone: 'faint',
    };
  }
  switch (state.view) {
    case 'stale':
      return {
        title: 'Nothing is stale',
        hints: [`Every execution had an event within ${formatDuration(state.staleAfterMs)}. - and + change that.`],
        tone: 'good',
      };
    case 'runaway':
      return {
        title: 'Nothing runs away',
        hints: [
          'No running execution repeats, is re-driven, spawns or overruns compared with its playbook. Read every 15s.',
        ],
        tone: 'good',
      };
    case 'cancelled':
      return {
        title: 'Nothing was cancelled yet',
        hints: ['What you cancel shows up here, until it has stopped.'],
        tone: 'faint',
      };
    case 'active':
      return { title: 'Nothing is running', hints: ['5 shows executions that ended lately.'], tone: 'good' };
    case 'all':
      return {
        title: 'No executions at all',
        hints: ['The event table holds none; is this the right schema?'],
        tone: 'warn',
      };
  }
}
