import type { FeedHealth, FeedHistory } from '../../service/live-feed/feed-state.js';
import { formatDuration } from '../../text/duration.js';
import { visibleText } from '../../text/visible-text.js';
import type { EmptyText } from '../rows/empty-list.js';
import type { KeyOf } from '../shell/console-context.js';
import type { ViewId } from '../shell/views.js';
import { hiddenMarks, type ListState, rangeOf, sortOf } from './list-state.js';
import { SORT_WORDS } from './row-order.js';

const counted = (count: number, word: string): string => (count > 0 ? `${count} ${word}` : '');

/** How the list is filtered, sorted and marked, and which changes are pending; the most important first. */
export function listStateParts(state: ListState, keyOf: KeyOf): string[] {
  const { waiting, marks } = state;
  const hidden = marks.size > 0 ? hiddenMarks(state).length : 0;
  const range = rangeOf(state);
  const changes = [
    counted(waiting.left, state.view === 'active' ? 'ended' : 'left the view'),
    counted(waiting.moved, 'moved'),
  ];
  const waits = changes.filter((part) => part !== '').join(', ');
  const sort = sortOf(state);
  return [
    range ? `range of ${range.to - range.from + 1}: ${keyOf('range')} or ${keyOf('mark')} marks it` : '',
    marks.size > 0 ? `${marks.size} marked${hidden > 0 ? ` (${hidden} hidden)` : ''}` : '',
    state.filterText === '' ? '' : `filter ${visibleText(state.filterText)}`,
    waits === '' ? '' : `${waits} since sorting: ${keyOf('refresh')} re-sorts`,
    state.ordering ? 'sorting…' : SORT_WORDS[sort.key][sort.reversed ? 'reversed' : 'normal'],
    `stale after ${formatDuration(state.staleAfterMs)}`,
  ].filter((part) => part !== '');
}

/** Where the cursor stands in the list, and of how many the filter leaves these. */
export function formatPosition({ order, cursor, filterText }: ListState): string {
  const count = order.ids.length;
  const position = count === 0 ? '' : `${cursor + 1}/${count}`;
  if (filterText === '' || order.inView === 0) return position;
  return count === 0 ? `0 of ${order.inView}` : `${position} of ${order.inView}`;
}

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
