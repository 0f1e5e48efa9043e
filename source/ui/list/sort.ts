import { displayStatus, type EpochMs } from '../../domain/execution.js';
import { RUNAWAY_CODES } from '../../domain/runaway/facts.js';
import { STALE_CODES } from '../../domain/staleness/staleness-types.js';
import type { Column, ColumnId, SortMark } from '../rows/columns.js';
import type { ListClock, ListRow } from '../rows/list-row.js';
import type { ViewId } from '../shell/views.js';

/** What a list can be sorted by, in the order in which the key goes through them. */
export const SORT_KEYS = ['started', 'run', 'silent', 'path', 'status', 'children', 'why', 'cancelled'] as const;
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
