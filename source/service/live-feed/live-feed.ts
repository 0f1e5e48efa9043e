import { CANCELLED_TYPES } from '../../domain/event-types.js';
import type { EpochMs } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import { DEFAULT_STALE_AFTER_MS } from '../../domain/execution-status.js';
import { StoreError } from '../../store/errors.js';
import type { EventStore, FeedEvent } from '../../store/event-store.js';
import { EventWindow } from './event-window.js';
import { type Diagnose, FeedDiagnosis } from './feed-diagnosis.js';
import { type FeedHealth, type FeedSnapshot, FeedState } from './feed-state.js';

/** New events appear within 2 s (product.md); a read every second leaves one for the read itself. */
const POLL_MS = 1000;
/** Expensive reads may use at most 5 % of wall time, however large the database. */
const SHARE = 20;
/** The full check finds what the overlap missed. */
const FULL_CHECK_MS = 60_000;
const CHILD_COUNT_MOST = 20_000;
const FIRST_BACKOFF_MS = 1000;
const MAX_BACKOFF_MS = 30_000;

export interface LiveFeedOptions {
  readonly staleAfterMs?: number;
  readonly pollMs?: number;
  readonly fullCheckMs?: number;
  /** Absent means that the feed does not say why executions are stale. */
  readonly diagnose?: Diagnose;
}

type FeedStore = Pick<
  EventStore,
  'activeExecutions' | 'executionsById' | 'eventsSince' | 'catalogEntries' | 'childCounts'
>;

/** A feed on a store; it reads nothing until it is started. */
export const createLiveFeed = (store: FeedStore, options: LiveFeedOptions = {}): LiveFeed =>
  new PollingFeed(store, options);

/** A cancel row that was written while the feed ran. */
export interface FeedCancel {
  readonly executionId: ExecutionId;
  readonly at: EpochMs;
}

/** The console's view of the database: a first load, then new events only. */
export type LiveFeed = Pick<
  PollingFeed,
  'snapshot' | 'subscribe' | 'onCancels' | 'start' | 'stop' | 'pause' | 'refresh' | 'setStaleAfter'
>;

class PollingFeed {
  readonly #state = new FeedState();
  readonly #diagnosis: FeedDiagnosis;
  readonly #listeners = new Set<() => void>();
  readonly #cancelListeners = new Set<(cancels: readonly FeedCancel[]) => void>();
  #window: EventWindow | null = null;
  #snapshot: FeedSnapshot;
  #timer: NodeJS.Timeout | null = null;
  #turn: Promise<void> | null = null;
  #stopping = new AbortController();
  #running = false;
  #paused = false;
  #failures = 0;
  #fullCheckDue = 0;
  #staleAfterMs: number;

  constructor(
    private readonly store: FeedStore,
    private readonly options: LiveFeedOptions,
  ) {
    this.#staleAfterMs = options.staleAfterMs ?? DEFAULT_STALE_AFTER_MS;
    this.#diagnosis = new FeedDiagnosis(this.#state, options.diagnose);
    this.#snapshot = {
      rows: this.#state.rows,
      revision: 0,
      asOf: 0,
      readAt: 0,
      health: { kind: 'loading' },
      clockSkew: 0,
    };
  }

  snapshot(): FeedSnapshot {
    return this.#snapshot;
  }

  /** Called after every change; returns the function that ends it. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Called with the cancels that each read brings, whoever wrote them; returns the function that ends it. */
  onCancels(listener: (cancels: readonly FeedCancel[]) => void): () => void {
    this.#cancelListeners.add(listener);
    return () => this.#cancelListeners.delete(listener);
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#stopping = new AbortController();
    this.#schedule(0);
  }

  async stop(): Promise<void> {
    this.#running = false;
    if (this.#timer) clearTimeout(this.#timer);
    this.#stopping.abort();
    await this.#turn;
  }

  pause(paused: boolean): void {
    if (this.#paused === paused) return;
    this.#paused = paused;
    if (paused) this.#publish({ health: { kind: 'paused' } });
    else this.#schedule(0);
  }

  /** A full check at once. */
  async refresh(): Promise<void> {
    this.#fullCheckDue = 0;
    this.#diagnosis.expire();
    if (this.#timer) clearTimeout(this.#timer);
    await this.#turn;
    await this.#takeTurn();
  }

  /** Executions silent for longer are stale and get diagnosed. */
  setStaleAfter(ms: number): void {
    this.#staleAfterMs = ms;
    this.#diagnosis.expire();
  }

  #schedule(ms: number): void {
    if (!this.#running) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#takeTurn(), ms);
  }

  /** One read and what follows from it; turns never overlap. */
  #takeTurn(): Promise<void> {
    this.#turn ??= this.#read()
      .then(
        () => {
          this.#failures = 0;
          this.#schedule(this.options.pollMs ?? POLL_MS);
        },
        (error: unknown) => this.#failed(error),
      )
      .finally(() => {
        this.#turn = null;
      });
    return this.#turn;
  }

  async #read(): Promise<void> {
    if (this.#paused) return;
    const full = this.#window === null || Date.now() >= this.#fullCheckDue;
    if (full) await this.#fullCheck();
    else await this.#readNew();
    await this.#diagnose();
  }

  get #reading() {
    return { polling: true, signal: this.#stopping.signal };
  }

  async #fullCheck(): Promise<void> {
    const begun = Date.now();
    const { executions, asOf } = await this.store.activeExecutions(this.#reading);
    const { changed, missing } = this.#state.reconcile(executions);
    let ended = false;
    if (missing.length > 0) {
      const found = await this.store.executionsById(missing, this.#reading);
      for (const execution of found.executions) ended = this.#state.put(execution) || ended;
    }
    this.#window ??= new EventWindow(this.store, asOf);
    this.#publish({ health: { kind: 'live' }, asOf, changed: changed || ended });
    const running = executions.slice(0, CHILD_COUNT_MOST).map((execution) => execution.executionId);
    const counts = await this.store.childCounts(running, this.#reading);
    this.#publish({ changed: this.#state.setChildren(counts, running) });
    const took = Date.now() - begun;
    this.#fullCheckDue = Date.now() + Math.max(this.options.fullCheckMs ?? FULL_CHECK_MS, took * SHARE);
  }

  async #readNew(): Promise<void> {
    if (!this.#window) return;
    const { events, asOf, behind } = await this.#window.next(this.#reading);
    if (behind) this.#fullCheckDue = 0;
    this.#reportCancels(events);
    const catalogIds = events.flatMap((event) => (event.catalogId === null ? [] : [event.catalogId]));
    const starting = events.some((event) => !this.#state.rows.has(event.executionId));
    const catalog = starting ? await this.store.catalogEntries(catalogIds, this.#reading) : new Map();
    const { changed, unknown } = this.#state.apply(events, catalog);
    let found = false;
    if (unknown.length > 0) {
      const { executions } = await this.store.executionsById(unknown, this.#reading);
      for (const execution of executions) {
        if (execution.status === 'RUNNING') found = this.#state.put(execution) || found;
      }
      const ended = new Set(unknown);
      for (const execution of executions) if (execution.status === 'RUNNING') ended.delete(execution.executionId);
      this.#state.forget(ended);
    }
    this.#publish({ health: { kind: 'live' }, asOf, changed: changed || found });
  }

  #reportCancels(events: readonly FeedEvent[]): void {
    const cancels = events
      .filter(({ type }) => (CANCELLED_TYPES as readonly (string | null)[]).includes(type))
      .map(({ executionId, at }) => ({ executionId, at }));
    if (cancels.length > 0) for (const listener of this.#cancelListeners) listener(cancels);
  }

  async #diagnose(): Promise<void> {
    const { asOf } = this.#snapshot;
    this.#publish({ changed: await this.#diagnosis.next(asOf, this.#staleAfterMs, this.#stopping.signal) });
  }

  #failed(error: unknown): void {
    if (!this.#running || this.#stopping.signal.aborted) return;
    const problem = error instanceof StoreError ? error.message : String(error);
    const wait = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** this.#failures);
    this.#failures += 1;
    this.#publish({
      health: { kind: 'reconnecting', attempt: this.#failures, nextTryAt: Date.now() + wait, problem },
    });
    this.#schedule(wait);
  }

  #publish(change: { health?: FeedHealth; asOf?: EpochMs; changed?: boolean }): void {
    const before = this.#snapshot;
    const read = change.asOf !== undefined;
    const readAt = read ? Date.now() : before.readAt;
    this.#snapshot = {
      rows: this.#state.rows,
      revision: before.revision + (change.changed ? 1 : 0),
      asOf: change.asOf ?? before.asOf,
      readAt,
      health: this.#paused ? { kind: 'paused' } : (change.health ?? before.health),
      clockSkew: read ? readAt - (change.asOf ?? 0) : before.clockSkew,
    };
    if (change.changed || change.health || read) for (const listener of this.#listeners) listener();
  }
}
