import type { ExecutionId } from '../../domain/execution-id.js';
import { parseFilter } from '../../domain/filter.js';
import { clamp, keepInView, type Move, moveCursor } from '../kit/scroll.js';
import { editText, inputOf, type TextEdit } from '../kit/text-input.js';
import type { MarkKind } from '../shell/console-context.js';
import type { ViewId } from '../shell/views.js';
import { type ListState, rangeOf, sortOf, underCursor } from './list-state.js';
import {
  EMPTY_ORDER,
  indexIn,
  NOTHING_WAITING,
  nextSort,
  type RowOrder,
  type Sort,
  type SortKey,
  sortedBy,
  type Waiting,
} from './row-order.js';

export type ListAction =
  | { readonly type: 'move'; readonly move: Move }
  | { readonly type: 'point'; readonly index: number }
  | { readonly type: 'scroll'; readonly by: number }
  | { readonly type: 'height'; readonly rows: number }
  | { readonly type: 'view'; readonly view: ViewId; readonly cursorId?: ExecutionId | null }
  | { readonly type: 'next-sort' }
  | { readonly type: 'sort-by'; readonly key: SortKey }
  | { readonly type: 'reverse-sort' }
  | { readonly type: 'reorder' }
  | { readonly type: 'ordered'; readonly order: RowOrder; readonly keepsTop?: boolean }
  | { readonly type: 'synced'; readonly order: RowOrder; readonly waiting: Waiting }
  | { readonly type: 'stale-after'; readonly ms: number }
  | { readonly type: 'prompt-open' }
  | { readonly type: 'prompt-edit'; readonly edit: TextEdit }
  | { readonly type: 'prompt-apply' }
  | { readonly type: 'prompt-close'; readonly keep: boolean }
  | { readonly type: 'filter'; readonly text: string }
  | { readonly type: 'toggle-mark' }
  | { readonly type: 'range' }
  | { readonly type: 'range-cancel' }
  | { readonly type: 'mark'; readonly ids: readonly ExecutionId[]; readonly kind: MarkKind }
  | { readonly type: 'spare'; readonly ids: readonly ExecutionId[] }
  /** All marks go, to come back with `restore`; or for good, since what they were made for was done. */
  | { readonly type: 'unmark' | 'restore' | 'marks-used' };

function at(state: ListState, cursor: number): ListState {
  const { ids } = state.order;
  // The order of a view just entered is still being made: the cursor waits for its execution.
  if (ids.length === 0 && state.ordering) return state;
  const index = clamp(cursor, 0, Math.max(0, ids.length - 1));
  const offset = keepInView(state.offset, index, state.height, ids.length);
  return { ...state, cursor: index, cursorId: ids[index] ?? null, offset };
}

/**
 * A new order under the cursor's execution: it keeps its line on the screen wherever it went in the list. A view at its
 * top stays there while the cursor's execution is still in the window, so that new rows are seen to come.
 */
function placed(state: ListState, order: RowOrder, waiting: Waiting): ListState {
  const line = state.cursor - state.offset;
  const anchor = state.rangeFrom === null ? -1 : indexIn(order, state.rangeFrom.id);
  const rangeFrom = state.rangeFrom === null || anchor < 0 ? null : { id: state.rangeFrom.id, index: anchor };
  const next = { ...state, order, waiting, rangeFrom, ordering: false };
  const found = state.cursorId === null ? -1 : indexIn(order, state.cursorId);
  if (found < 0) return at(next, state.cursor);
  if (state.offset > 0) return at({ ...next, offset: Math.max(0, found - line) }, found);
  if (found < state.height) return at(next, found);
  return state.isAtTop ? at(next, 0) : at({ ...next, offset: found - line }, found);
}

/** A view sorted anew. */
const sorted = (state: ListState, sort: Sort): ListState => ({
  ...state,
  sorts: { ...state.sorts, [state.view]: sort },
  ordering: true,
});

const withMarks = (state: ListState, ids: Iterable<ExecutionId>, kind: MarkKind): ListState => {
  const marks = new Map(state.marks);
  for (const id of ids) if (kind === 'explicit' || !marks.has(id)) marks.set(id, kind);
  return { ...state, marks, spared: without(sparedIn(state), marks), cleared: new Map() };
};

/** What was spared belongs to the marks it was made with; new marks begin anew. */
const sparedIn = (state: ListState): ListState['spared'] => (state.marks.size === 0 ? new Set() : state.spared);

const without = (spared: ListState['spared'], marks: ListState['marks']): ListState['spared'] =>
  new Set([...spared].filter((id) => !marks.has(id)));

/** The range as marks; one that was drawn row by row is still one gesture over many, so it counts as bulk. */
function rangeTaken(state: ListState): ListState {
  const range = rangeOf(state);
  if (!range) return { ...state, rangeFrom: null };
  const ids = state.order.ids.slice(range.from, range.to + 1);
  return { ...withMarks(state, ids, ids.length === 1 ? 'explicit' : 'bulk'), rangeFrom: null };
}

function toggled(state: ListState): ListState {
  if (state.rangeFrom !== null) return rangeTaken(state);
  const id = underCursor(state);
  if (id === null) return state;
  if (!state.marks.has(id)) return at(withMarks(state, [id], 'explicit'), state.cursor + 1);
  const marks = new Map(state.marks);
  marks.delete(id);
  const spared = new Set([...state.spared, id]);
  return at({ ...state, marks, spared, cleared: new Map(), isAtTop: false }, state.cursor + 1);
}

/** Takes a filter in force if it can be read; the last good one stays otherwise. */
function filtered(state: ListState, text: string): ListState {
  const result = parseFilter(text);
  if (!result.ok) return { ...state, promptProblem: result.problem };
  if (text.trim() === state.filterText) return { ...state, promptProblem: null };
  return {
    ...state,
    filterText: text.trim(),
    filter: result.filter,
    promptProblem: null,
    rangeFrom: null,
    ordering: true,
  };
}

/** What the list becomes after an action. Moving costs the same whatever the number of rows. */
export function listReducer(state: ListState, action: ListAction): ListState {
  switch (action.type) {
    case 'move':
      return at(
        { ...state, isAtTop: 'to' in action.move && action.move.to === 'first' },
        moveCursor(state.cursor, action.move, state.height, state.order.ids.length),
      );
    case 'point':
      return action.index < state.order.ids.length ? at({ ...state, isAtTop: false }, action.index) : state;
    case 'scroll': {
      const most = Math.max(0, state.order.ids.length - state.height);
      const offset = clamp(state.offset + action.by, 0, most);
      return at({ ...state, offset, isAtTop: false }, clamp(state.cursor, offset, offset + state.height - 1));
    }
    case 'height':
      return action.rows === state.height ? state : at({ ...state, height: Math.max(1, action.rows) }, state.cursor);
    case 'view':
      return action.view === state.view
        ? state
        : {
            ...state,
            view: action.view,
            rangeFrom: null,
            ordering: true,
            order: EMPTY_ORDER,
            waiting: NOTHING_WAITING,
            cursor: 0,
            offset: 0,
            isAtTop: action.cursorId === undefined || action.cursorId === null,
            cursorId: action.cursorId ?? state.cursorId,
          };
    case 'next-sort':
      return sorted(state, nextSort(sortOf(state), state.view));
    case 'sort-by':
      return sorted(state, sortedBy(sortOf(state), action.key));
    case 'reverse-sort':
      return sorted(state, sortedBy(sortOf(state), sortOf(state).key));
    case 'reorder':
      return { ...state, ordering: true };
    case 'ordered':
      // A view that stood at its top stays there while the first rows come in.
      return action.keepsTop && state.cursor === 0 && state.offset === 0
        ? at(placed(state, action.order, NOTHING_WAITING), 0)
        : placed(state, action.order, NOTHING_WAITING);
    case 'synced':
      if (action.order === state.order) {
        const { left, moved } = state.waiting;
        const same = left === action.waiting.left && moved === action.waiting.moved;
        return same ? state : { ...state, waiting: action.waiting };
      }
      return placed(state, action.order, action.waiting);
    case 'stale-after':
      return { ...state, staleAfterMs: action.ms, ordering: true };
    case 'prompt-open':
      return { ...state, prompt: inputOf(state.filterText), promptBefore: state.filterText, promptProblem: null };
    case 'prompt-edit':
      return state.prompt ? { ...state, prompt: editText(state.prompt, action.edit) } : state;
    case 'prompt-apply':
      return state.prompt ? filtered(state, state.prompt.text) : state;
    case 'prompt-close': {
      if (!state.prompt) return state;
      const applied = filtered(state, action.keep ? state.prompt.text : state.promptBefore);
      // A wrong filter keeps the prompt open, pointed at; leaving without keeping always works.
      if (action.keep && applied.promptProblem) return applied;
      return { ...applied, prompt: null, promptProblem: null };
    }
    case 'filter':
      return filtered(state, action.text);
    case 'toggle-mark':
      return toggled(state);
    case 'range': {
      if (state.rangeFrom !== null) return rangeTaken(state);
      const id = underCursor(state);
      return id === null ? state : { ...state, rangeFrom: { id, index: state.cursor } };
    }
    case 'range-cancel':
      return { ...state, rangeFrom: null };
    case 'mark':
      return withMarks(state, action.ids, action.kind);
    case 'spare':
      return { ...state, spared: without(new Set([...state.spared, ...action.ids]), state.marks) };
    case 'unmark':
      return { ...state, cleared: state.marks, marks: new Map(), rangeFrom: null };
    case 'restore':
      return { ...state, marks: state.cleared, cleared: new Map() };
    case 'marks-used':
      return { ...state, marks: new Map(), spared: new Set(), cleared: new Map(), rangeFrom: null };
  }
}
