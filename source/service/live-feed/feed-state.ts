import { isStartType, isTransport, stackOfStartType } from '../../domain/event-types.js';
import type { EpochMs, Execution } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import { executionStatus, terminalStatusOf } from '../../domain/execution-status.js';
import type { Diagnosis } from '../../domain/staleness/staleness-types.js';
import type { FeedEvent } from '../../store/event-store.js';
import { ChangingMap, type ReadonlyChangingMap } from './changing-map.js';
import { isAfter, isNews, lastOf, sameDiagnosis } from './news.js';

/** How the feed stands with the database. */
export type FeedHealth =
  | { readonly kind: 'loading' }
  | { readonly kind: 'live' }
  | { readonly kind: 'paused' }
  | { readonly kind: 'reconnecting'; readonly attempt: number; readonly nextTryAt: EpochMs; readonly problem: string };

/** All that a list needs of one execution. A new object only when something in it changed: safe to memoise on. */
export interface ExecutionSummary {
  readonly execution: Execution;
  /** The step of the newest event that names one other than the playbook itself. */
  readonly currentStep: string | null;
  /** The worker that the newest events name. */
  readonly workerId: string | null;
  readonly children: { readonly live: number; readonly all: number } | null;
  readonly diagnosis: Diagnosis | null;
}

export interface FeedSnapshot {
  /** Every execution to end, plus those that ended while the feed ran (bounded); by execution id. */
  readonly rows: ReadonlyChangingMap<ExecutionId, ExecutionSummary>;
  /** Grows by one with every change. */
  readonly revision: number;
  /** The database's clock at the newest read, and this process's clock then: age of data = Date.now() - readAt. */
  readonly asOf: EpochMs;
  readonly readAt: EpochMs;
  readonly health: FeedHealth;
  /** Pieces of the history that are read, 0 of 0 at first; until all are (undefined), every count is one "so far". */
  readonly history?: FeedHistory | undefined;
  /** Local clock minus database clock, milliseconds. */
  readonly clockSkew: number;
}

export type FeedHistory = { readonly done: number; readonly of: number };
export const NO_HISTORY: FeedHistory = { done: 0, of: 0 };

/** Before the first read. */
export const nothingRead = (rows: FeedSnapshot['rows']): FeedSnapshot => ({
  ...{ rows, revision: 0, asOf: 0, readAt: 0, clockSkew: 0, history: NO_HISTORY },
  health: { kind: 'loading' },
});

type Catalog = ReadonlyMap<string, { path: string; version: number | null }>;
type Counts = { readonly live: number; readonly all: number };

/** Ended executions that a feed keeps, newest first, so that an operator sees what just ended; then they go. */
export const ENDED_KEPT = 2000;
/** Ended ids that are remembered so that their trailing events are not asked about again and again. */
const ENDED_REMEMBERED = 50_000;

/**
 * What the live feed knows, moved forward by events. No I/O and no clock. Rows are replaced, never changed, so that a
 * screen can memoise on them; the map itself is one and the same for ever.
 */
export class FeedState {
  readonly rows = new ChangingMap<ExecutionId, ExecutionSummary>();
  readonly #ended = new Set<ExecutionId>();
  readonly #forgotten = new Set<ExecutionId>();

  /**
   * Takes a piece of a full read: adds, and replaces what is newer. `unsure` have to be read anew: they went since the
   * read began, which may have found them before their end.
   *
   * @param begun position of `rows` when the read began
   */
  reconcile(executions: readonly Execution[], begun: number): { changed: boolean; unsure: ExecutionId[] } {
    let changed = false;
    const unsure: ExecutionId[] = [];
    const moved = this.rows.changedSince(begun);
    for (const execution of executions) {
      const id = execution.executionId;
      if (!this.rows.has(id) && (moved?.has(id) ?? true)) unsure.push(id);
      else changed = this.put(execution) || changed;
    }
    return { changed, unsure };
  }

  /** Running executions that a full read did not hold. */
  missingIn(present: ReadonlySet<ExecutionId>): ExecutionId[] {
    const isMissing = (id: ExecutionId, { execution }: ExecutionSummary) =>
      execution.status === 'RUNNING' && !present.has(id);
    return [...this.rows].flatMap(([id, row]) => (isMissing(id, row) ? id : []));
  }

  /** Takes one execution as read from the store; false when nothing in it is news. */
  put(execution: Execution): boolean {
    const before = this.rows.get(execution.executionId);
    if (before && !isNews(before.execution, execution)) return false;
    this.#set(execution, {
      currentStep: stepOf(execution.lastEvent.node, execution, before?.currentStep ?? null),
      workerId: execution.lastEvent.workerId ?? before?.workerId ?? null,
      children: before?.children ?? null,
      diagnosis: before?.execution.lastEvent.eventId === execution.lastEvent.eventId ? before.diagnosis : null,
    });
    return true;
  }

  /**
   * Moves rows forward by events, oldest first. `unknown` are executions that the events name and that have to be read:
   * they began before the feed did and were not among the running ones.
   */
  apply(events: readonly FeedEvent[], catalog: Catalog): { changed: boolean; unknown: ExecutionId[] } {
    const unknown = new Set<ExecutionId>();
    let changed = false;
    for (const event of events) {
      const row = this.rows.get(event.executionId);
      if (row) changed = this.#advance(row, event) || changed;
      else if (this.#forgotten.has(event.executionId)) continue;
      else if (isStartType(event.type) && !unknown.has(event.executionId)) {
        this.#begin(event, catalog);
        changed = true;
      } else unknown.add(event.executionId);
    }
    return { changed, unknown: [...unknown] };
  }

  /** Ids that were read and have ended: their trailing events are of no concern any more. */
  forget(ids: Iterable<ExecutionId>): void {
    for (const id of ids) remember(this.#forgotten, id, ENDED_REMEMBERED);
  }

  setChildren(counts: ReadonlyMap<ExecutionId, Counts>, of: readonly ExecutionId[]): boolean {
    let changed = false;
    for (const id of of) {
      const row = this.rows.get(id);
      const children = counts.get(id) ?? NO_CHILDREN;
      if (!row || (row.children?.all === children.all && row.children.live === children.live)) continue;
      this.rows.set(id, { ...row, children });
      changed = true;
    }
    return changed;
  }

  setDiagnosis(id: ExecutionId, diagnosis: ExecutionSummary['diagnosis']): boolean {
    const row = this.rows.get(id);
    if (!row || sameDiagnosis(row.diagnosis, diagnosis)) return false;
    this.rows.set(id, { ...row, diagnosis });
    return true;
  }

  #begin(event: FeedEvent, catalog: Catalog): void {
    const entry = event.catalogId === null ? undefined : catalog.get(event.catalogId);
    this.#set(
      {
        executionId: event.executionId,
        path: entry?.path ?? null,
        version: entry?.version ?? null,
        catalogId: event.catalogId,
        parentExecutionId: event.parentExecutionId,
        stack: stackOfStartType(event.type),
        status: 'RUNNING',
        ends: [],
        startedAt: event.at,
        endedAt: null,
        lastEvent: lastOf(event),
      },
      { currentStep: null, workerId: event.workerId, children: NO_CHILDREN, diagnosis: null },
    );
    this.#countChild(event.parentExecutionId, 1, 1);
  }

  #advance(row: ExecutionSummary, event: FeedEvent): boolean {
    if (isTransport(event.type)) return false;
    const { execution } = row;
    const newer = isAfter(event.eventId, execution.lastEvent.eventId);
    const terminal = terminalStatusOf(event.type);
    const news = terminal !== null && !execution.ends.includes(terminal);
    if (!newer && !news) return false;
    const verdict = news ? executionStatus([...execution.ends.map((end) => END_TYPE[end]), event.type]) : execution;
    const next: Execution = {
      ...execution,
      status: verdict.status,
      ends: verdict.ends,
      endedAt: news && verdict.status === terminal ? event.at : execution.endedAt,
      parentExecutionId: execution.parentExecutionId ?? event.parentExecutionId,
      lastEvent: newer ? lastOf(event) : execution.lastEvent,
    };
    this.#set(next, {
      currentStep: newer ? stepOf(event.node, next, row.currentStep) : row.currentStep,
      workerId: event.workerId ?? row.workerId,
      children: row.children,
      diagnosis: null,
    });
    return true;
  }

  #set(execution: Execution, rest: Omit<ExecutionSummary, 'execution'>): void {
    const before = this.rows.get(execution.executionId);
    const ends = execution.status !== 'RUNNING';
    this.rows.set(execution.executionId, { execution, ...rest, diagnosis: ends ? null : rest.diagnosis });
    if (!ends) return;
    if (before?.execution.status === 'RUNNING') this.#countChild(execution.parentExecutionId, 0, -1);
    this.#ended.delete(execution.executionId);
    this.#ended.add(execution.executionId);
    for (const id of this.#ended) {
      if (this.#ended.size <= ENDED_KEPT) break;
      this.#ended.delete(id);
      this.rows.delete(id);
      remember(this.#forgotten, id, ENDED_REMEMBERED);
    }
  }

  #countChild(parent: ExecutionId | null, all: number, live: number): void {
    const row = parent === null ? undefined : this.rows.get(parent);
    if (!row?.children) return;
    const children = { all: row.children.all + all, live: Math.max(0, row.children.live + live) };
    this.rows.set(row.execution.executionId, { ...row, children });
  }
}

const NO_CHILDREN: Counts = { live: 0, all: 0 };
const END_TYPE = {
  COMPLETED: 'playbook.completed',
  FAILED: 'playbook.failed',
  CANCELLED: 'execution.cancelled',
} as const;
/** Nodes that stand for the execution itself, not for a step of it. */
const NOT_STEPS: ReadonlySet<string> = new Set(['playbook', 'workflow', 'cancel']);

/** The step an execution is in: the newest node that is a step's; events about the whole execution do not change it. */
function stepOf(node: string | null, execution: Execution, before: string | null): string | null {
  if (node === null || NOT_STEPS.has(node) || node === execution.path) return before;
  return node;
}

/** Adds to a set that keeps its newest so many. */
function remember(set: Set<ExecutionId>, id: ExecutionId, most: number): void {
  set.delete(id);
  set.add(id);
  for (const oldest of set) {
    if (set.size <= most) break;
    set.delete(oldest);
  }
}
