import { createStore, type StoreApi } from 'zustand/vanilla';
import type { CancelPlan, CancelRequest } from '../../domain/cancellation.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { CancelReport, CancelRunOptions } from '../../service/cancel/cancel.js';
import type { Services } from '../../service/use-cases.js';
import type { EventStore } from '../../store/event-store.js';
import type { BatchStarter } from '../shell/console-context.js';
import type { BatchSummary } from '../shell/console-options.js';
import { errorText } from '../shell/notices.js';
import {
  type Batch,
  type BatchAction,
  batchExecutionIds,
  batchFromLog,
  batchReducer,
  cancelledIn,
  isBusy,
  newBatch,
  tally,
} from './batch-state.js';
import { batchLine } from './format-batch.js';

/** How long a batch is watched before the follow-up gives up; a key takes it up again. */
const FOLLOW_MS = 30 * 60_000;

export interface SessionBatchesState {
  /** Those in progress in one line; empty when none is. */
  readonly line: string;
  /** Oldest first. */
  readonly batches: readonly Batch[];
  /** Batches of the log that were opened, oldest first: of earlier sessions and other operators. */
  readonly logged: readonly Batch[];
}

/** Opened batches of the log that are kept; an older one is read again. */
const LOGGED_KEPT = 8;

const NO_BATCHES: SessionBatchesState = { batches: [], logged: [], line: '' };

/** Batches of this session: they run on whatever screen is shown. */
export class SessionBatches implements BatchStarter {
  readonly store: StoreApi<SessionBatchesState> = createStore(() => NO_BATCHES);
  readonly #writers = new Map<string, { abort: AbortController; ended: Promise<void> }>();
  readonly #followers = new Map<string, AbortController>();
  readonly #paths: BatchPaths;

  constructor(
    private readonly services: Services,
    pathInFeed: (id: ExecutionId) => string | null,
    private readonly ended: (batch: Batch) => void,
  ) {
    this.#paths = new BatchPaths(services.store, pathInFeed, ({ id }, paths) =>
      this.#dispatch(id, { type: 'named', paths }),
    );
  }

  get(id: string): Batch | undefined {
    return this.#find((batch) => batch.id === id);
  }

  /** True for an execution that a batch of this session has cancelled or is about to. */
  isOwn(id: ExecutionId): boolean {
    return this.store.getState().batches.some((batch) => batch.paths.has(id) || batch.outcomes.has(id));
  }

  /** Reads a batch from the log, and watches it where it has not settled. False where no cancel names it. */
  async load(id: string, options: { since?: number; signal: AbortSignal }): Promise<boolean> {
    const found = await this.services.batchLog.open(id, options);
    if (!found || options.signal.aborted) return found !== null;
    const batch = batchFromLog(found);
    const others = this.store.getState().logged.filter((one) => one.id !== id);
    this.store.setState({ logged: [...others, batch].slice(-LOGGED_KEPT) });
    this.#paths.complete(batch);
    if (batch.follow?.allSettled === false) this.followAgain(id);
    return true;
  }

  /** Stops watching a batch of the log. */
  rest(id: string): void {
    if (this.get(id)?.fromLog) this.#followers.get(id)?.abort();
  }

  reasons(): (string | null)[] {
    return this.store
      .getState()
      .batches.map((batch) => batch.request.reason)
      .reverse();
  }

  get busy(): Batch[] {
    return this.store.getState().batches.filter(isBusy);
  }

  /** Begins to write. The plan is the one that was shown; what has changed since is found under the lock. */
  start(plan: CancelPlan, request: CancelRequest, options: Pick<CancelRunOptions, 'quietSince'>): string {
    const batch = newBatch(request, plan, Date.now());
    this.#set([...this.store.getState().batches, batch]);
    const abort = new AbortController();
    const ended = this.services.cancel
      .run(plan, request, {
        ...options,
        signal: abort.signal,
        onProgress: (progress) => this.#dispatch(batch.id, { type: 'progress', progress }),
      })
      .then(
        (report) => this.#finished(batch.id, report),
        (error: unknown) => this.#dispatch(batch.id, { type: 'failed', message: errorText(error) }),
      )
      .finally(() => {
        this.#writers.delete(batch.id);
        const now = this.get(batch.id);
        if (now) this.ended(now);
      });
    this.#writers.set(batch.id, { abort, ended });
    return batch.id;
  }

  /** Stops a batch before its next transaction; what is written stays. */
  stop(id: string): boolean {
    const writer = this.#writers.get(id);
    if (!writer || writer.abort.signal.aborted) return false;
    this.#dispatch(id, { type: 'stopping' });
    writer.abort.abort();
    return true;
  }

  /** Takes the follow-up up again after it ended. */
  followAgain(id: string): boolean {
    const batch = this.get(id);
    if (!batch?.report || batch.phase !== 'done' || cancelledIn(batch).length === 0) return false;
    this.#dispatch(id, { type: 'follow-again' });
    void this.#follow(id, batch.report);
    return true;
  }

  /** Stops everything and waits until the transactions under way are over, so that the summary is the truth. */
  async close(graceMs: number): Promise<void> {
    for (const follower of this.#followers.values()) follower.abort();
    for (const id of this.#writers.keys()) this.stop(id);
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, graceMs);
    });
    await Promise.race([Promise.all([...this.#writers.values()].map((writer) => writer.ended)), patience]);
    clearTimeout(timer);
  }

  summaries(): BatchSummary[] {
    return this.store.getState().batches.map((batch) => {
      const counts = tally(batch);
      return {
        batchId: batch.id,
        reason: batch.request.reason,
        cancelled: cancelledIn(batch),
        notCancelled: Math.max(0, batch.total - counts.cancelled - counts.outcomeUnknown),
        outcomeUnknown: counts.outcomeUnknown,
        interrupted: batch.report?.interrupted ?? true,
        stopped: counts.stopped,
        abandoned: counts.abandoned,
      };
    });
  }

  #find(wanted: (batch: Batch) => boolean): Batch | undefined {
    const { batches, logged } = this.store.getState();
    return batches.find(wanted) ?? logged.find(wanted);
  }

  #set(batches: readonly Batch[]): void {
    this.store.setState({ batches, line: batchLine(batches) });
  }

  #dispatch(id: string, action: BatchAction): void {
    const { batches, logged } = this.store.getState();
    const changed = (batch: Batch) => (batch.id === id ? batchReducer(batch, action) : batch);
    if (batches.some((batch) => batch.id === id)) this.#set(batches.map(changed));
    else this.store.setState({ logged: logged.map(changed) });
    const batch = this.get(id);
    // A large batch updates often while it is written; what it met outside its plan is known afterwards.
    if (batch && !isBusy(batch)) this.#paths.complete(batch);
  }

  #finished(id: string, report: CancelReport): void {
    this.#dispatch(id, { type: 'finished', report });
    if (this.get(id)?.phase === 'following') void this.#follow(id, report);
  }

  async #follow(id: string, report: CancelReport): Promise<void> {
    const abort = new AbortController();
    this.#followers.set(id, abort);
    let problem: string | null = null;
    try {
      const last = await this.services.follow.follow(report, {
        timeoutMs: FOLLOW_MS,
        signal: abort.signal,
        onSnapshot: (snapshot) => this.#dispatch(id, { type: 'followed', snapshot }),
      });
      this.#dispatch(id, { type: 'followed', snapshot: last });
    } catch (error) {
      problem = abort.signal.aborted ? null : `follow-up broke off: ${errorText(error)}`;
    }
    this.#followers.delete(id);
    this.#dispatch(id, { type: 'follow-ended', problem });
    const batch = this.get(id);
    if (batch && !batch.fromLog && !abort.signal.aborted) this.ended(batch);
  }
}

/** At most this many per read; the rest with the batch's next update. */
const ASKED_AT_ONCE = 500;

type Paths = ReadonlyMap<ExecutionId, string | null>;

/** Finds the playbooks of executions that a batch met and its plan did not name: late children, and what had ended. */
class BatchPaths {
  readonly #asked = new Set<ExecutionId>();

  constructor(
    private readonly store: Pick<EventStore, 'executionsById'>,
    /** The playbook as the feed knows it; null when it does not. */
    private readonly inFeed: (id: ExecutionId) => string | null,
    private readonly found: (batch: Batch, paths: Paths) => void,
  ) {}

  /** Each execution is read once; after a failed read, again with the batch's next update. */
  complete(batch: Batch): void {
    const missing = batchExecutionIds(batch).filter((id) => !batch.paths.has(id) && !this.#asked.has(id));
    if (missing.length === 0) return;
    const known = new Map<ExecutionId, string>();
    for (const id of missing) {
      const path = this.inFeed(id);
      if (path !== null) known.set(id, path);
    }
    const unknown = missing.filter((id) => !known.has(id)).slice(0, ASKED_AT_ONCE);
    for (const id of unknown) this.#asked.add(id);
    if (unknown.length > 0) void this.#ask(batch, unknown);
    if (known.size > 0) this.found(batch, known);
  }

  async #ask(batch: Batch, ids: readonly ExecutionId[]): Promise<void> {
    try {
      const { executions } = await this.store.executionsById(ids, { polling: true });
      this.found(batch, new Map(executions.map(({ executionId, path }) => [executionId, path])));
    } catch {
      // A name is worth no trouble of its own: the follow-up says what is wrong with the database.
      for (const id of ids) this.#asked.delete(id);
    }
  }
}
