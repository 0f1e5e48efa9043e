import type { ExecutionId } from '../../domain/execution-id.js';
import { frozenTarget } from '../rows/frozen-target.js';
import type { ListClock, ListRow, Rows } from '../rows/list-row.js';
import type { FrozenTarget, MarkKind } from '../shell/console-context.js';
import { hiddenMarks, type ListState, underCursor } from './list-state.js';
import { isWanted, type OrderQuery } from './row-order.js';

/** Executions of the list that are still to end, still belong to the view, and pass a test; in the list's order. */
export function cancellableIds(
  state: ListState,
  rows: Rows,
  query: OrderQuery,
  wanted: (row: ListRow) => boolean,
): ExecutionId[] {
  return state.order.ids.filter((id) => {
    const row = rows.get(id);
    return row !== undefined && row.execution.status === 'RUNNING' && isWanted(row, query) && wanted(row);
  });
}

/** A filter text with `why:CODE` put in, or taken out where there is one; null when there is no code to put in. */
export function toggledWhy(filterText: string, code: string | undefined): string | null {
  const words = filterText.split(/\s+/).filter((word) => word !== '');
  const rest = words.filter((word) => !word.startsWith('why:'));
  if (rest.length < words.length) return rest.join(' ');
  return code === undefined ? null : [...rest, `why:${code}`].join(' ');
}

/** What a cancel from the list takes: the marks, or the execution under the cursor where there are none. */
export function frozenSelection(
  state: ListState,
  known: (id: ExecutionId) => ListRow | undefined,
  clock: ListClock,
): FrozenTarget[] {
  const hidden = new Set(hiddenMarks(state));
  const cursor = underCursor(state);
  const single: [ExecutionId, MarkKind][] = cursor === null ? [] : [[cursor, 'explicit']];
  return (state.marks.size > 0 ? [...state.marks] : single).map(([id, chosen]) =>
    frozenTarget(id, known(id), clock, { chosen, hidden: hidden.has(id) }),
  );
}
