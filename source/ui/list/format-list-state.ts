import { formatDuration } from '../../text/duration.js';
import { visibleText } from '../../text/visible-text.js';
import type { KeyOf } from '../shell/console-context.js';
import { hiddenMarks, type ListState, rangeOf, sortOf } from './list-state.js';
import { SORT_WORDS } from './sort.js';

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
