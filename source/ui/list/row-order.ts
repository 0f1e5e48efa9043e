import { displayStatus } from '../../domain/execution.js';
import { compareIds, type ExecutionId } from '../../domain/execution-id.js';
import type { Filter } from '../../domain/filter/filter.js';
import { passes } from '../../domain/filter/filter-match.js';
import type { ListClock, ListRow, Rows } from '../rows/list-row.js';
import type { ViewId } from '../shell/views.js';
import { type Sort, sortValue } from './sort.js';

/** Which rows are wanted, and in which order. */
export interface OrderQuery {
  readonly view: ViewId;
  readonly filter: Filter;
  readonly sort: Sort;
  readonly clock: ListClock;
}

/** The rows of a view in an order that stands until it is made again. */
export interface RowOrder {
  readonly ids: readonly ExecutionId[];
  /** What each was sorted by when the order was made; a row whose value has changed would move. */
  readonly values: readonly (number | string)[];
  readonly members: ReadonlySet<ExecutionId>;
}

/** Changes that wait until the operator asks for a new order. */
export interface Waiting {
  readonly added: number;
  readonly left: number;
  readonly moved: number;
}

export const NOTHING_WAITING: Waiting = { added: 0, left: 0, moved: 0 };
export const EMPTY_ORDER: RowOrder = { ids: [], values: [], members: new Set() };

/** Whether a row belongs to a view, filter aside. */
export function inView(row: ListRow, view: ViewId, clock: ListClock): boolean {
  if (view === 'all') return true;
  const status = displayStatus(row.execution, clock.now, clock.staleAfterMs);
  if (view === 'active') return status === 'RUNNING' || status === 'STALE';
  if (view === 'runaway') return status === 'RUNNING' && row.runaway !== undefined;
  return view === 'stale' ? status === 'STALE' : status === 'CANCELLED';
}

/** Whether a row is to be shown. */
export const isWanted = (row: ListRow, query: OrderQuery): boolean =>
  inView(row, query.view, query.clock) && passes(query.filter, row, query.clock);

/** The order from nothing: n log n, so never on a key's path (the model does it after the key's frame). */
export function makeOrder(rows: Rows, query: OrderQuery): RowOrder {
  const entries: { id: ExecutionId; value: number | string }[] = [];
  for (const [id, row] of rows) {
    if (isWanted(row, query)) entries.push({ id, value: sortValue(row, query.sort.key, query.clock) });
  }
  const sign = query.sort.reversed ? -1 : 1;
  entries.sort((a, b) => {
    if (a.value < b.value) return -sign;
    if (a.value > b.value) return sign;
    // Ties by id, so that the same rows always come in the same order.
    return compareIds(b.id, a.id);
  });
  const ids = entries.map((entry) => entry.id);
  return { ids, values: entries.map((entry) => entry.value), members: new Set(ids) };
}

/**
 * The same order with news taken in without moving anything: rows that came are put at the end, rows that would leave
 * or move stay where they are and are counted, and only what the feed no longer holds at all goes. One pass, no sort.
 */
export function syncOrder(
  order: RowOrder,
  rows: Rows,
  query: OrderQuery,
  addedBefore: number,
): { order: RowOrder; waiting: Waiting } {
  let left = 0;
  let moved = 0;
  let gone = 0;
  for (let index = 0; index < order.ids.length; index += 1) {
    const row = rows.get(order.ids[index]!);
    if (!row) gone += 1;
    else if (!isWanted(row, query)) left += 1;
    else if (sortValue(row, query.sort.key, query.clock) !== order.values[index]) moved += 1;
  }
  const added: { id: ExecutionId; value: number | string }[] = [];
  for (const [id, row] of rows) {
    if (order.members.has(id) || !isWanted(row, query)) continue;
    added.push({ id, value: sortValue(row, query.sort.key, query.clock) });
  }
  const waiting = { added: addedBefore + added.length, left, moved };
  if (gone === 0 && added.length === 0) return { order, waiting };
  const ids: ExecutionId[] = [];
  const values: (number | string)[] = [];
  order.ids.forEach((id, index) => {
    if (!rows.has(id)) return;
    ids.push(id);
    values.push(order.values[index]!);
  });
  for (const entry of added) {
    ids.push(entry.id);
    values.push(entry.value);
  }
  return { order: { ids, values, members: new Set(ids) }, waiting };
}
