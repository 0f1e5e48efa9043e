import { displayStatus, type Execution } from '../domain/execution.js';
import type { ExecutionId } from '../domain/execution-id.js';
import { isSilent } from '../domain/execution-status.js';
import type { Filter, FilterTerm } from '../domain/filter.js';
import type { EventStore, ExecutionsAsOf, RecentFilter } from '../store/event-store.js';
import { compileGlob } from '../text/glob.js';
import { type FactSources, filterExecutions, type KnownExecution } from './filter-facts.js';

/** What a list is asked for. */
export interface ListFilter {
  /** running, stale, completed, failed, cancelled, all, or active: what has not ended. */
  readonly status: string;
  /** A glob. */
  readonly path?: string;
  readonly parent?: ExecutionId;
  readonly since?: number;
  readonly limit: number;
  readonly staleAfterMs: number;
  /** The caller orders what is found: what is read in one go comes whole, and the limit is the caller's to apply. */
  readonly isRanked?: boolean;
}

type ListStore = Pick<EventStore, 'activeExecutions' | 'recentExecutions'>;

/** A list, and all executions that have not ended where those had to be read for it. */
export interface ListedExecutions extends ExecutionsAsOf {
  readonly active?: ExecutionsAsOf;
}

/**
 * The executions that a filter asks for, newest first. Those that have not ended are few and read in one go; the table
 * knows stale from running only by the clock, so that is decided here.
 */
export async function readList(store: ListStore, filter: ListFilter, signal: AbortSignal): Promise<ListedExecutions> {
  if (!ACTIVE.has(filter.status)) return store.recentExecutions(recentFilter(filter), { signal });
  const active = await store.activeExecutions({ signal });
  const { executions, asOf } = active;
  const path = filter.path === undefined ? null : compileGlob(filter.path);
  const found = executions.filter(
    (execution) =>
      (filter.status === 'active' ||
        isSilent(execution.lastEvent.at, asOf, filter.staleAfterMs) === (filter.status === 'stale')) &&
      (path === null || (execution.path !== null && path(execution.path))) &&
      (filter.parent === undefined || execution.parentExecutionId === filter.parent) &&
      (filter.since === undefined || (execution.startedAt !== null && execution.startedAt >= filter.since)),
  );
  return { executions: newestFirst(found).slice(0, filter.isRanked ? undefined : filter.limit), asOf, active };
}

export interface FilteredList {
  readonly rows: readonly KnownExecution[];
  readonly asOf: number;
  readonly active?: ExecutionsAsOf | undefined;
  /** How many of the newest were looked at where older ones may match too; null where all were. */
  readonly lookedAt: number | null;
}

/** How many executions are read at first for a filter that the table cannot answer, and at most. */
const FIRST_LOOK = 1_000;
const LONGEST_LOOK = 100_000;

/**
 * The same for a filter expression. Whatever of it the store can answer narrows the read; the rest is asked of the newest
 * executions, ten times as many each time until the limit is reached, or all, or 100,000, have been looked at.
 */
export async function readFilteredList(
  sources: FactSources,
  given: ListFilter,
  words: Filter,
  signal: AbortSignal,
): Promise<FilteredList> {
  const narrowed = narrowedBy(given, words);
  const [id] = positive(words, 'id');
  const reading = { staleAfterMs: given.staleAfterMs, signal };
  for (let look = Math.max(FIRST_LOOK, given.limit); ; look = Math.min(look * 10, LONGEST_LOOK)) {
    const limit = ACTIVE.has(narrowed.status) ? Number.POSITIVE_INFINITY : look;
    const found: ListedExecutions =
      id === undefined
        ? await readList(sources.store, { ...narrowed, limit }, signal)
        : await readOne(sources, id.id, given, signal);
    const rows = await filterExecutions(sources, words, found, reading);
    const isAll = id !== undefined || found.executions.length < limit;
    if (rows.length >= given.limit || isAll || look >= LONGEST_LOOK) {
      const lookedAt = isAll || rows.length >= given.limit ? null : found.executions.length;
      const most = given.isRanked && ACTIVE.has(narrowed.status) ? undefined : given.limit;
      return { rows: rows.slice(0, most), asOf: found.asOf, active: found.active, lookedAt };
    }
  }
}

/** One that is named is read by its id, however old it is; the list's other flags still count. */
async function readOne({ store }: FactSources, id: ExecutionId, given: ListFilter, signal: AbortSignal) {
  const { executions, asOf } = await store.executionsById([id], { signal });
  const path = given.path === undefined ? null : compileGlob(given.path);
  const statuses = STATUSES[given.status];
  const wanted = executions.filter(
    (each) =>
      (statuses === undefined || statuses === displayStatus(each, asOf, given.staleAfterMs)) &&
      (path === null || (each.path !== null && path(each.path))) &&
      (given.parent === undefined || each.parentExecutionId === given.parent) &&
      (given.since === undefined || (each.startedAt !== null && each.startedAt >= given.since)),
  );
  return { executions: wanted, asOf };
}

function positive<Kind extends FilterTerm['kind']>(words: Filter, kind: Kind) {
  return words.flatMap(({ term, not }) => (!not && term.kind === kind ? [term as FilterTerm & { kind: Kind }] : []));
}

/** The list's own narrowing, with what the expression says of status, path and parent where the list is open there. */
function narrowedBy(given: ListFilter, words: Filter): ListFilter {
  const [path] = positive(words, 'path');
  const [parent] = positive(words, 'parent');
  const status = given.status === 'all' ? impliedStatus(words) : given.status;
  return { ...given, status, path: given.path ?? path?.glob, parent: given.parent ?? parent?.id };
}

/** Only what has not ended has a diagnosis or runs away, and only what was cancelled has a cancel's reason. */
function impliedStatus(words: Filter): string {
  const [status] = positive(words, 'status');
  if (status) return status.status.toLowerCase();
  if (positive(words, 'why').length > 0 || positive(words, 'cohort').length > 0) return 'active';
  return positive(words, 'reason').length > 0 || positive(words, 'by').length > 0 ? 'cancelled' : 'all';
}

export const newestFirst = (executions: readonly Execution[]): Execution[] =>
  [...executions].sort((a, b) => (b.startedAt ?? b.lastEvent.at) - (a.startedAt ?? a.lastEvent.at));

function recentFilter({ status, path, parent, since, limit }: ListFilter): RecentFilter {
  return { status: STORE_STATUS[status] ?? 'ALL', limit, path, parentExecutionId: parent, since };
}

const ACTIVE: ReadonlySet<string> = new Set(['running', 'stale', 'active']);
const STORE_STATUS: Readonly<Record<string, RecentFilter['status']>> = {
  completed: 'COMPLETED',
  failed: 'FAILED',
  cancelled: 'CANCELLED',
};
const STATUSES: Readonly<Record<string, string>> = { ...STORE_STATUS, running: 'RUNNING', stale: 'STALE' };
