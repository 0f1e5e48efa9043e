import { displayStatus } from '../../domain/execution.js';
import { RUNAWAY_CODES } from '../../domain/runaway/facts.js';
import { STALE_CODES } from '../../domain/staleness/staleness-types.js';
import type { ListClock, ListRow } from '../rows/list-row.js';
import type { ViewId } from '../shell/views.js';

/** What a list can be sorted by, in the order in which the key goes through them. */
export const SORT_KEYS = ['started', 'silent', 'path', 'status', 'children', 'why', 'cancelled'] as const;
export type SortKey = (typeof SORT_KEYS)[number];

export interface Sort {
  readonly key: SortKey;
  readonly reversed: boolean;
}

export const SORT_WORDS: Readonly<Record<SortKey, { readonly normal: string; readonly reversed: string }>> = {
  started: { normal: 'newest start first', reversed: 'oldest start first' },
  silent: { normal: 'longest silent first', reversed: 'latest event first' },
  path: { normal: 'path', reversed: 'path, reversed' },
  status: { normal: 'status', reversed: 'status, reversed' },
  children: { normal: 'most live children first', reversed: 'fewest live children first' },
  why: { normal: 'diagnosis', reversed: 'diagnosis, reversed' },
  cancelled: { normal: 'latest cancel first', reversed: 'oldest cancel first' },
};

export const DEFAULT_SORT: Readonly<Record<ViewId, Sort>> = {
  active: { key: 'started', reversed: false },
  stale: { key: 'silent', reversed: false },
  runaway: { key: 'why', reversed: false },
  cancelled: { key: 'cancelled', reversed: false },
  all: { key: 'started', reversed: false },
};

/** The next way to sort; `cancelled` is for its own view only, and `why` has no use there. */
export function nextSort(sort: Sort, view: ViewId): Sort {
  const keys = SORT_KEYS.filter((key) => (view === 'cancelled' ? key !== 'why' : key !== 'cancelled'));
  return { key: keys[(keys.indexOf(sort.key) + 1) % keys.length]!, reversed: false };
}

const STATUS_ORDER = ['STALE', 'RUNNING', 'FAILED', 'CANCELLED', 'COMPLETED'];
const CODE_ORDER: ReadonlyMap<string, number> = new Map(
  [...STALE_CODES, ...RUNAWAY_CODES].map((code, index) => [code, index]),
);

/** What a row is sorted by: numbers rise, texts go by code unit. Reversal is the comparison's. */
export function sortValue(row: ListRow, key: SortKey, clock: ListClock): number | string {
  const { execution } = row;
  switch (key) {
    case 'started':
      return -(execution.startedAt ?? 0);
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
