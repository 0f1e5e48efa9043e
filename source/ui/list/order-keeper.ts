import type { ExecutionId } from '../../domain/execution-id.js';
import { passes } from '../../domain/filter.js';
import type { ListRow, Rows } from '../rows/list-row.js';
import {
  compareEntries,
  type Drift,
  type Entry,
  indexIn,
  inView,
  isWanted,
  type OrderQuery,
  placeOf,
  type RowOrder,
  type SortValue,
  sortValue,
  type Waiting,
} from './row-order.js';

export interface Synced {
  readonly order: RowOrder;
  readonly waiting: Waiting;
  readonly drift: Drift;
}

/**
 * The same order with news taken in: rows that came are put where they belong, rows that would leave or move stay where
 * they are and are counted, and only what the feed no longer holds at all goes. Looks at every row.
 */
export function syncOrder(order: RowOrder, rows: Rows, query: OrderQuery): Synced {
  const drift: Drift = { left: new Set(), moved: new Set(), hidden: new Set() };
  return syncChanges(order, rows, query, drift, everyId(order, rows));
}

function* everyId(order: RowOrder, rows: Rows): Generator<ExecutionId> {
  for (const id of order.ids) yield id;
  for (const [id] of rows) if (!order.members.has(id)) yield id;
}

/**
 * The same for rows of which it is known that they changed: its cost follows them and not the number of rows.
 *
 * @param drift of this order, as the last call left it; moved forward in place, as is the order's `members`
 */
export function syncChanges(
  order: RowOrder,
  rows: Rows,
  query: OrderQuery,
  drift: Drift,
  changed: Iterable<ExecutionId>,
): Synced {
  const { filter, sort, view, clock } = query;
  const sortedAs = (row: ListRow) => sortValue(row, sort.key, clock, order.madeAt);
  const gone = new Set<ExecutionId>();
  const added: Entry[] = [];
  for (const id of changed) {
    const row = rows.get(id);
    const value = order.members.get(id);
    drift.left.delete(id);
    drift.moved.delete(id);
    drift.hidden.delete(id);
    if (value !== undefined) {
      if (!row) gone.add(id);
      else if (!isWanted(row, query)) drift.left.add(id);
      else if (sortedAs(row) !== value) drift.moved.add(id);
    } else if (row && inView(row, view, clock)) {
      if (passes(filter, row, clock)) added.push({ id, value: sortedAs(row) });
      else drift.hidden.add(id);
    }
  }
  const waiting = { left: drift.left.size, moved: drift.moved.size };
  const count = order.ids.length - gone.size + added.length + drift.hidden.size;
  if (gone.size === 0 && added.length === 0) {
    return { order: count === order.inView ? order : { ...order, inView: count }, waiting, drift };
  }
  const ids = merged(order, gone, added);
  // The empty order is one for all.
  const members =
    order.ids.length === 0 ? new Map<ExecutionId, SortValue>() : (order.members as Map<ExecutionId, SortValue>);
  for (const id of gone) members.delete(id);
  for (const { id, value } of added) members.set(id, value);
  return { order: { ...order, ids, members, inView: count }, waiting, drift };
}

/** What is left of an order, and new entries each before the first one that it precedes. */
function merged(order: RowOrder, gone: ReadonlySet<ExecutionId>, added: readonly Entry[]): ExecutionId[] {
  const cuts = [
    ...[...gone].map((id) => ({ at: indexIn(order, id), id: null })),
    ...[...added]
      .sort((a, b) => compareEntries(a, b, order.reversed))
      .map((entry) => ({ at: placeOf(entry, order), id: entry.id })),
  ];
  // Sorting keeps new ones of one place in their order; they come before the row of that place, if it goes.
  cuts.sort((a, b) => a.at - b.at || Number(a.id === null) - Number(b.id === null));
  const ids: ExecutionId[] = [];
  let from = 0;
  const keep = (to: number) => {
    for (; from < to; from += 1) ids.push(order.ids[from] as ExecutionId);
  };
  for (const { at, id } of cuts) {
    keep(at);
    if (id === null) from += 1;
    else ids.push(id);
  }
  keep(order.ids.length);
  return ids;
}

/** Moves an order forward, by the rows that changed where it knows what else has drifted since the order was made. */
export class OrderKeeper {
  #last: Synced | null = null;

  /** @param changed rows to look at; null: all of them */
  sync(order: RowOrder, rows: Rows, query: OrderQuery, changed: ReadonlySet<ExecutionId> | null): Synced {
    const drift = this.#last?.order === order ? this.#last.drift : null;
    this.#last = changed && drift ? syncChanges(order, rows, query, drift, changed) : syncOrder(order, rows, query);
    return this.#last;
  }
}
