import type { EpochMs, Execution } from '../../domain/execution.js';
import { DEFAULT_STALE_AFTER_MS } from '../../domain/execution-status.js';
import { StoreError } from '../../store/errors.js';
import type { EventStore } from '../../store/event-store.js';
import { EventWindow } from './event-window.js';
import { type DiagnoseMany, diagnoseRows } from './feed-diagnoses.js';
import { countChildren, readHistory, readNewest, reconcile } from './feed-reading.js';
import { type FeedHealth, type FeedHistory, type FeedSnapshot, FeedState } from './feed-state.js';

/** New events appear within 2 s (product.md). */
const POLL_MS = 1000;
/** Expensive reads may use at most 5 % of wall time, however large the database. */
const SHARE = 20;
/** The full check heals what the overlap missed. */
const FULL_CHECK_MS = 60_000;
const DIAGNOSE_MS = 15_000;
const FIRST_BACKOFF_MS = 1000;
const MAX_BACKOFF_MS = 30_000;

export interface LiveFeedOptions {
  readonly staleAfterMs?: number;
  readonly pollMs?: number;
  readonly fullCheckMs?: number;
  /** Why executions are stale by the threshold in force; absent means that the feed does not say. */
  readonly diagnose?: DiagnoseMany;
}

type FeedStore = Pick<
  EventStore,
  | 'activeExecutions'
  | 'recentlyActive'
  | 'activeInPieces'
  | 'executionsById'
  | 'eventsSince'
  | 'catalogEntries'
  | 'childCounts'
>;

/** A feed on a store; it reads nothing until it is started. */
export const createLiveFeed = (store: FeedStore, options: LiveFeedOptions = {}): LiveFeed =>
  new PollingFeed(store, options);

/** The console's view of the database: a first load, then new events only. */
export type LiveFeed = Pick<
  PollingFeed,
  'snapshot' | 'subscribe' | 'start' | 'stop' | 'pause' | 'refresh' | 'setStaleAfter'
>;

class PollingFeed {
  readonly #state = new FeedState();
  readonly #listeners = new Set<() => void>();
  #window: EventWindow | null = null;
  /** Until the history has been read whole. */
  #history: FeedHistory | undefined = { done: 0, of: 0 };
  #snapshot: FeedSnapshot;
  #timer: NodeJS.Timeout | null = null;
  #turn: Promise<void> | null = null;
  #stopping = new AbortController();
  #running = false;
  #paused = false;
  #failures = 0;
  #fullCheckDue = 0;
  #diagnoseDue = 0;
  #staleAfterMs: number;

  constructor(
    private readonly store: FeedStore,
    private readonly options: LiveFeedOptions,
  ) {
    this.#staleAfterMs = options.staleAfterMs ?? DEFAULT_STALE_AFTER_MS;
    this.#snapshot = {
      rows: this.#state.rows,
      revision: 0,
      asOf: 0,
      readAt: 0,
      health: { kind: 'loading' },
      history: this.#history,
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
    this.#diagnoseDue = 0;
    if (this.#timer) clearTimeout(this.#timer);
    await this.#turn;
    await this.#takeTurn();
  }

  /** Executions silent for longer are stale and get diagnosed. */
  setStaleAfter(ms: number): void {
    this.#staleAfterMs = ms;
    this.#diagnoseDue = 0;
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
    if (this.#history || Date.now() >= this.#fullCheckDue) await this.#fullCheck();
    else await this.#readNew();
    await this.#diagnose();
  }

  get #reading() {
    return { polling: true, signal: this.#stopping.signal };
  }

  #readHistory(): Promise<Execution[] | null> {
    return readHistory(this.store, this.#state, this.#reading, {
      goesOn: () => !this.#paused,
      took: async (history, changed) => {
        this.#history = history;
        this.#publish({ changed, health: this.#snapshot.health });
        // New events are not kept waiting by a long history.
        if (Date.now() - this.#snapshot.readAt >= (this.options.pollMs ?? POLL_MS)) await this.#readNew();
      },
    });
  }

  async #fullCheck(): Promise<void> {
    const begun = Date.now();
    const isFirst = this.#history !== undefined;
    if (!this.#window) {
      const asOf = await readNewest(this.store, this.#state, this.#reading);
      this.#window = new EventWindow(this.store, asOf);
      this.#publish({ health: { kind: 'live' }, asOf, changed: true });
    }
    const read = isFirst ? null : await this.store.activeExecutions(this.#reading);
    const executions = read?.executions ?? (await this.#readHistory());
    if (!executions || this.#paused) return;
    const changed = await reconcile(this.store, this.#state, executions, this.#reading);
    this.#history = undefined;
    this.#publish({ health: { kind: 'live' }, changed: changed || isFirst, ...(read && { asOf: read.asOf }) });
    this.#publish({ changed: await countChildren(this.store, this.#state, executions, this.#reading) });
    const cost = (Date.now() - begun) * SHARE;
    this.#fullCheckDue = Date.now() + Math.max(this.options.fullCheckMs ?? FULL_CHECK_MS, cost);
  }

  async #readNew(): Promise<void> {
    if (!this.#window || this.#paused) return;
    const { events, asOf, behind } = await this.#window.next(this.#reading);
    if (behind) this.#fullCheckDue = 0;
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

  async #diagnose(): Promise<void> {
    const { diagnose } = this.options;
    if (!diagnose || this.#history || Date.now() < this.#diagnoseDue) return;
    const begun = Date.now();
    const { signal } = this.#stopping;
    const how = { asOf: this.#snapshot.asOf, olderThanMs: this.#staleAfterMs, signal };
    const changed = await diagnoseRows(this.#state, diagnose, how);
    this.#diagnoseDue = Date.now() + Math.max(DIAGNOSE_MS, (Date.now() - begun) * SHARE);
    this.#publish({ changed });
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
      history: this.#history,
      clockSkew: read ? readAt - (change.asOf ?? 0) : before.clockSkew,
    };
    if (change.changed || change.health || read) for (const listener of this.#listeners) listener();
  }
}
