import type { FeedHealth, FeedHistory } from '../../service/live-feed/feed-state.js';
import { formatDuration } from '../../text/duration.js';
import { visibleText } from '../../text/visible-text.js';
import type { EmptyText } from '../rows/empty-list.js';
import type { KeyOf } from '../shell/console-context.js';
import type { ViewId } from '../shell/views.js';
import type { ListState } from './list-state.js';

/** Views that show what the feed holds. */
const OF_THE_FEED: ReadonlySet<ViewId> = new Set(['active', 'stale', 'runaway']);

/** What an empty list depends on beside its own state. */
export interface EmptyListFacts {
  readonly health: FeedHealth;
  /** When the feed was read; 0 before its first read. */
  readonly readAt: number;
  readonly side: { readonly loading: boolean; readonly problem: string | null } | undefined;
  /** While older executions are still being read. */
  readonly history?: FeedHistory | undefined;
  readonly keyOf: KeyOf;
}

/** Why a list shows nothing, and what to do about it. */
export function emptyText(state: ListState, { health, readAt, side, history, keyOf }: EmptyListFacts): EmptyText {
  if (readAt === 0 && health.kind === 'reconnecting') {
    return {
      title: 'The database cannot be read',
      hints: [
        visibleText(health.problem),
        `Retrying automatically; ${keyOf('refresh')} retries now. \`noetl-console doctor\` says what to fix.`,
      ],
      tone: 'bad',
    };
  }
  if (readAt === 0 && health.kind !== 'paused') {
    return {
      title: 'Reading executions…',
      hints: ['The first read may take a while on a large table.'],
      tone: 'faint',
    };
  }
  if (history && OF_THE_FEED.has(state.view)) {
    return { title: 'None so far: the history is being read…', hints: [], tone: 'faint' };
  }
  if (side?.problem) return { title: 'This view could not be read', hints: [visibleText(side.problem)], tone: 'bad' };
  if (side?.loading || state.ordering) return { title: 'Reading…', hints: [], tone: 'faint' };
  if (state.filterText !== '') {
    return {
      title: 'Nothing matches the filter',
      hints: [
        `${visibleText(state.filterText)}: 0 of ${state.order.inView}`,
        `${keyOf('filter')} edits it, ${keyOf('back')} clears it`,
      ],
      tone: 'faint',
    };
  }
  switch (state.view) {
    case 'stale':
      return {
        title: 'Nothing is stale',
        hints: [
          `Every execution emitted an event within ${formatDuration(state.staleAfterMs)}. ${keyOf('threshold-down')} and ${keyOf('threshold-up')} change the threshold.`,
        ],
        tone: 'good',
      };
    case 'runaway':
      return {
        title: 'Nothing is running away',
        hints: ['No running execution is re-driven, repeating, spawning or overrunning. Read every 15s.'],
        tone: 'good',
      };
    case 'cancelled':
      return {
        title: 'No cancellations yet',
        hints: ['Cancelled executions appear here, with whether they have stopped.'],
        tone: 'faint',
      };
    case 'active':
      return {
        title: 'Nothing is running',
        hints: [`${keyOf('view-all')} shows executions that ended recently.`],
        tone: 'good',
      };
    case 'all':
      return {
        title: 'No executions at all',
        hints: ['The event table has none. Is this the right schema?'],
        tone: 'warn',
      };
  }
}
