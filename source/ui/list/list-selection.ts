import type { ExecutionId } from '../../domain/execution-id.js';
import type { ListRow, Rows } from '../rows/list-row.js';
import type { ListState } from './list-state.js';
import { isWanted, type OrderQuery } from './row-order.js';

/** Executions of the list that have not ended, still belong to the view, and pass a test; in the list's order. */
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
