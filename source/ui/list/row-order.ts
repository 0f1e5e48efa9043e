import { displayStatus, type EpochMs } from '../../domain/execution.js';
import { compareIds, type ExecutionId } from '../../domain/execution-id.js';
import { type Filter, passes } from '../../domain/filter.js';
import { RUNAWAY_CODES } from '../../domain/runaway/facts.js';
import { STALE_CODES } from '../../domain/staleness/staleness-types.js';
import type { Column, ColumnId, SortMark } from '../rows/columns.js';
import type { ListClock, ListRow, Rows } from '../rows/list-row.js';
import type { ViewId } from '../shell/views.js';

/** What a list can be sorted by, in the order in which the key goes through them. */
const SORT_KEYS = ['started', 'run', 'silent', 'path', 'status', 'children', 'why', 'cancelled'] as const;
export type SortKey = (typeof SORT_KEYS)[number];

export interface Sort {
  readonly key: SortKey;
  readonly reversed: boolean;
}

export const SORT_WORDS: Readonly<Record<SortKey, { readonly normal: string; readonly reversed: string }>> = {
  started: { normal: 'newest start first', reversed: 'oldest start first' },
  run: { normal: 'longest run first', reversed: 'shortest run first' },
  silent: { normal: 'longest silent first', reversed: 'latest event first' },
  path: { normal: 'playbook, A to Z', reversed: 'playbook, Z to A' },
  status: { normal: 'by status', reversed: 'by status, reversed' },
  children: { normal: 'most live children first', reversed: 'fewest live children first' },
  why: { normal: 'by cause', reversed: 'by cause, reversed' },
  cancelled: { normal: 'latest cancel first', reversed: 'oldest cancel first' },
};

export const DEFAULT_SORT: Readonly<Record<ViewId, Sort>> = {
  active: { key: 'started', reversed: false },
  stale: { key: 'silent', reversed: false },
  runaway: { key: 'why', reversed: false },
  cancelled: { key: 'cancelled', reversed: false },
  all: { key: 'started', reversed: false },
};

/** The keys of a view: `cancelled` is for its own only, and a diagnosis or a running time has no use there. */
export const sortKeysOf = (view: ViewId): readonly SortKey[] =>
  view === 'cancelled' ? ['cancelled', 'started', 'path', 'status'] : SORT_KEYS.filter((key) => key !== 'cancelled');

/** The next way to sort. */
export function nextSort(sort: Sort, view: ViewId): Sort {
  const keys = sortKeysOf(view);
  return { key: keys[(keys.indexOf(sort.key) + 1) % keys.length] ?? sort.key, reversed: false };
}

/** A list sorted by a key: the other way round where it is sorted by it already. */
export const sortedBy = (sort: Sort, key: SortKey): Sort => ({ key, reversed: sort.key === key && !sort.reversed });

/** The columns that show what a key sorts by, the best first; down: its largest value comes first. */
const SORT_COLUMNS: Readonly<Record<SortKey, readonly { readonly id: ColumnId; readonly down: boolean }[]>> = {
  // Of what has not ended, the newest start is the shortest run.
  started: [
    { id: 'started', down: true },
    { id: 'run', down: false },
  ],
  run: [{ id: 'run', down: true }],
  silent: [{ id: 'age', down: true }],
  path: [{ id: 'path', down: false }],
  status: [
    { id: 'stop', down: false },
    { id: 'status', down: false },
  ],
  children: [{ id: 'children', down: true }],
  why: [
    { id: 'why', down: false },
    { id: 'evidence', down: false },
  ],
  cancelled: [{ id: 'cancelled', down: false }],
};

/** The column to mark in the header; null where the screen is too narrow for the one that the list is sorted by. */
export function sortMark({ key, reversed }: Sort, columns: readonly Column[]): SortMark | null {
  const shown = SORT_COLUMNS[key].find(({ id }) => columns.some((column) => column.id === id));
  return shown ? { column: shown.id, descending: shown.down !== reversed } : null;
}

const STATUS_ORDER = ['STALE', 'RUNNING', 'FAILED', 'CANCELLED', 'COMPLETED'];
const CODE_ORDER: ReadonlyMap<string, number> = new Map(
  [...STALE_CODES, ...RUNAWAY_CODES].map((code, index) => [code, index]),
);

/**
 * What a row is sorted by: numbers rise, texts go by code unit. Reversal is the comparison's.
 *
 * @param madeAt when the order is or was made: a run that goes on is as long as it was then, so that rows keep their places
 */
function sortValue(row: ListRow, key: SortKey, clock: ListClock, madeAt: EpochMs): number | string {
  const { execution } = row;
  switch (key) {
    case 'started':
      return -(execution.startedAt ?? 0);
    case 'run':
      return execution.startedAt === null ? 1 : -Math.max(0, (execution.endedAt ?? madeAt) - execution.startedAt);
    case 'silent':
      return execution.lastEvent.at;
    case 'path':
      return execution.path ?? '\uffff';
    case 'status':
      return STATUS_ORDER.indexOf(displayStatus(execution, clock.now, clock.staleAfterMs));
    case 'children':
      return row.children ? -(row.children.live * 1e7 + row.children.all) : 1;
    case 'why': {
      const code = row.diagnosis?.code ?? row.runaway?.code;
      return code === undefined ? 99 : (CODE_ORDER.get(code) ?? 98);
    }
    case 'cancelled':
      return -(row.cancellation?.at ?? execution.endedAt ?? 0);
  }
}

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
  /** What each was sorted by when it came; a row whose value has changed would move. */
  readonly values: readonly (number | string)[];
  readonly members: ReadonlySet<ExecutionId>;
  /** Rows of the view, those that the filter hides included. */
  readonly inView: number;
  /** When it was made, by the database's clock. */
  readonly madeAt: EpochMs;
}

/** Changes that wait until the operator asks for a new order. */
export interface Waiting {
  readonly left: number;
  readonly moved: number;
}

export const NOTHING_WAITING: Waiting = { left: 0, moved: 0 };
export const EMPTY_ORDER: RowOrder = { ids: [], values: [], members: new Set(), inView: 0, madeAt: 0 };

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

interface Entry {
  readonly id: ExecutionId;
  readonly value: number | string;
}

/** Ties by id, so that the same rows always come in the same order. */
function compareEntries(a: Entry, b: Entry, sign: number): number {
  if (a.value < b.value) return -sign;
  if (a.value > b.value) return sign;
  return compareIds(b.id, a.id);
}

/** The order from nothing: n log n, so never on a key's path (the model does it after the key's frame). */
export function makeOrder(rows: Rows, query: OrderQuery): RowOrder {
  const entries: Entry[] = [];
  const { filter, sort, view, clock } = query;
  let count = 0;
  for (const [id, row] of rows) {
    if (!inView(row, view, clock)) continue;
    count += 1;
    if (passes(filter, row, clock)) entries.push({ id, value: sortValue(row, sort.key, clock, clock.now) });
  }
  const sign = sort.reversed ? -1 : 1;
  entries.sort((a, b) => compareEntries(a, b, sign));
  const ids = entries.map((entry) => entry.id);
  const values = entries.map((entry) => entry.value);
  return { ids, values, members: new Set(ids), inView: count, madeAt: clock.now };
}

/**
 * The same order with news taken in: rows that came are put where they belong, rows that would leave or move stay where
 * they are and are counted, and only what the feed no longer holds at all goes. One pass, and a sort of the new ones.
 */
export function syncOrder(order: RowOrder, rows: Rows, query: OrderQuery): { order: RowOrder; waiting: Waiting } {
  const { filter, sort, view, clock } = query;
  const sortedAs = (row: ListRow) => sortValue(row, sort.key, clock, order.madeAt);
  let left = 0;
  let moved = 0;
  let gone = 0;
  for (const [index, id] of order.ids.entries()) {
    const row = rows.get(id);
    if (!row) gone += 1;
    else if (!isWanted(row, query)) left += 1;
    else if (sortedAs(row) !== order.values[index]) moved += 1;
  }
  const added: Entry[] = [];
  let hidden = 0;
  for (const [id, row] of rows) {
    if (order.members.has(id) || !inView(row, view, clock)) continue;
    if (passes(filter, row, clock)) added.push({ id, value: sortedAs(row) });
    else hidden += 1;
  }
  const waiting = { left, moved };
  const count = order.ids.length - gone + added.length + hidden;
  if (gone === 0 && added.length === 0) {
    return { order: count === order.inView ? order : { ...order, inView: count }, waiting };
  }
  const sign = sort.reversed ? -1 : 1;
  added.sort((a, b) => compareEntries(a, b, sign));
  const entries = merged(order, rows, added, sign);
  const ids = entries.map((entry) => entry.id);
  const values = entries.map((entry) => entry.value);
  return { order: { ids, values, members: new Set(ids), inView: count, madeAt: order.madeAt }, waiting };
}

/** What is left of an order, and new entries each before the first one that it precedes. */
function merged(order: RowOrder, rows: Rows, added: readonly Entry[], sign: number): Entry[] {
  const entries: Entry[] = [];
  let next = 0;
  for (const [index, id] of order.ids.entries()) {
    if (!rows.has(id)) continue;
    const entry = { id, value: order.values[index] ?? 0 };
    for (let one = added[next]; one && compareEntries(one, entry, sign) < 0; one = added[next]) {
      entries.push(one);
      next += 1;
    }
    entries.push(entry);
  }
  return entries.concat(added.slice(next));
}
