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
export function sortValue(row: ListRow, key: SortKey, clock: ListClock, madeAt: EpochMs): number | string {
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

/** What a row is sorted by. */
export type SortValue = number | string;

/** The rows of a view in an order that stands until it is made again. */
export interface RowOrder {
  readonly ids: readonly ExecutionId[];
  /**
   * What each was sorted by when it came; a row whose value has changed would move. Orders that follow from one another
   * share it: a copy of 100,000 for every new row costs more than all else.
   */
  readonly members: ReadonlyMap<ExecutionId, SortValue>;
  readonly reversed: boolean;
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

/** Which rows would leave or move, and which ones of the view the filter hides. */
export interface Drift {
  readonly left: Set<ExecutionId>;
  readonly moved: Set<ExecutionId>;
  readonly hidden: Set<ExecutionId>;
}

export const NOTHING_WAITING: Waiting = { left: 0, moved: 0 };
export const EMPTY_ORDER: RowOrder = { ids: [], members: new Map(), reversed: false, inView: 0, madeAt: 0 };

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

export interface Entry {
  readonly id: ExecutionId;
  readonly value: SortValue;
}

/** Ties by id, so that the same rows always come in the same order. */
export function compareEntries(a: Entry, b: Entry, reversed: boolean): number {
  if (a.value < b.value) return reversed ? 1 : -1;
  if (a.value > b.value) return reversed ? -1 : 1;
  return compareIds(b.id, a.id);
}

/** Where an entry stands in an order, or would stand. */
export function placeOf(entry: Entry, { ids, members, reversed }: RowOrder): number {
  let [low, high] = [0, ids.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const id = ids[middle] ?? '';
    if (compareEntries({ id, value: members.get(id) ?? 0 }, entry, reversed) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The index of an execution in an order, or -1: a search by halves, since a new order is asked for it on every change. */
export function indexIn(order: RowOrder, id: ExecutionId): number {
  const value = order.members.get(id);
  if (value === undefined) return -1;
  const place = placeOf({ id, value }, order);
  return order.ids[place] === id ? place : order.ids.indexOf(id);
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
  entries.sort((a, b) => compareEntries(a, b, sort.reversed));
  return {
    ids: entries.map((entry) => entry.id),
    members: new Map(entries.map(({ id, value }) => [id, value])),
    reversed: sort.reversed,
    inView: count,
    madeAt: clock.now,
  };
}
