import type { ExecutionId } from '../../domain/execution-id.js';
import { DEFAULT_STALE_AFTER_MS } from '../../domain/execution-status.js';
import type { Filter, FilterProblem } from '../../domain/filter.js';
import type { TextInput } from '../kit/text-input.js';
import type { MarkKind } from '../shell/console-context.js';
import { VIEWS, type ViewId } from '../shell/views.js';
import { DEFAULT_SORT, EMPTY_ORDER, NOTHING_WAITING, type RowOrder, type Sort, type Waiting } from './row-order.js';

export type Marks = ReadonlyMap<ExecutionId, MarkKind>;

/** What the notices about marks speak of; they go when the marks change. */
export const MARKS = 'marks';

/** Everything about the list that is not data: what is wanted, and where the operator stands. */
export interface ListState {
  readonly view: ViewId;
  readonly sorts: Readonly<Record<ViewId, Sort>>;
  readonly staleAfterMs: number;
  /** The text in force, the last that was right. */
  readonly filterText: string;
  readonly filter: Filter;
  /** The prompt while it is open, and what is wrong with what stands in it. */
  readonly prompt: TextInput | null;
  readonly promptProblem: FilterProblem | null;
  /** The filter that was in force when the prompt was opened; Esc goes back to it. */
  readonly promptBefore: string;
  readonly order: RowOrder;
  readonly waiting: Waiting;
  /** True from a wish for a new order until it is made. */
  readonly ordering: boolean;
  /** The cursor belongs to an execution; the index only says where that stands now. */
  readonly cursorId: ExecutionId | null;
  readonly cursor: number;
  readonly offset: number;
  readonly height: number;
  readonly marks: Marks;
  /** Marks that were cleared all at once, until others are made: the same key brings them back. */
  readonly cleared: Marks;
  /** True from entering a view, or going to its first row, until the cursor is moved: it may stay on the first row. */
  readonly isAtTop: boolean;
  /** What was unmarked, or left out by a key that marks many: no cascade takes it. */
  readonly spared: ReadonlySet<ExecutionId>;
  /** Where a range began, and where that stands now; it ends at the cursor. */
  readonly rangeFrom: { readonly id: ExecutionId; readonly index: number } | null;
}

/** Where the operator stands in the list, for going back there. */
export interface ListPlace {
  readonly view: ViewId;
  readonly filter: string;
  readonly executionId: ExecutionId | null;
}

export const initialListState: ListState = {
  view: 'active',
  sorts: Object.fromEntries(VIEWS.map((view) => [view, DEFAULT_SORT[view]])) as Record<ViewId, Sort>,
  staleAfterMs: DEFAULT_STALE_AFTER_MS,
  filterText: '',
  filter: [],
  prompt: null,
  promptProblem: null,
  promptBefore: '',
  order: EMPTY_ORDER,
  waiting: NOTHING_WAITING,
  ordering: true,
  cursorId: null,
  cursor: 0,
  offset: 0,
  height: 1,
  marks: new Map(),
  cleared: new Map(),
  isAtTop: true,
  spared: new Set(),
  rangeFrom: null,
};

/** The sort in force. */
export const sortOf = (state: ListState): Sort => state.sorts[state.view];

/**
 * The execution under the cursor as it is shown: what a key without marks acts on. Null while a new view's order is
 * being made, so that a key pressed too early acts on nothing rather than on the old view.
 */
export const underCursor = (state: ListState): ExecutionId | null => state.order.ids[state.cursor] ?? null;

/** First and last index of the range that is being drawn, or null. */
export function rangeOf(state: ListState): { from: number; to: number } | null {
  if (state.rangeFrom === null) return null;
  const { index } = state.rangeFrom;
  return { from: Math.min(index, state.cursor), to: Math.max(index, state.cursor) };
}

/** Marked executions that the present view and filter do not show. */
export function hiddenMarks(state: ListState): ExecutionId[] {
  return [...state.marks.keys()].filter((id) => !state.order.members.has(id));
}
