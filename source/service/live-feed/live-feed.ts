import { CANCELLED_TYPES } from '../../domain/event-types.js';
import type { EpochMs, Execution } from '../../domain/execution.js';
import { DEFAULT_STALE_AFTER_MS } from '../../domain/execution-status.js';
import { StoreError } from '../../store/errors.js';
import type { EventStore, FeedEvent } from '../../store/event-store.js';
import { EventWindow, type FeedCancel } from './event-window.js';
import { type Diagnose, FeedDiagnosis } from './feed-diagnosis.js';
import { countChildren, readHistory, readNewest, reconcile, takeUnknown } from './feed-reading.js';
import { type FeedHealth, type FeedHistory, type FeedSnapshot, FeedState } from './feed-state.js';

/** New events appear within 2 s (product.md). */
const POLL_MS = 1000;
/** Expensive reads may use at most 5 % of wall time, however large the database. */
const SHARE = 20;
/** The full check finds what the overlap missed. */
const FULL_CHECK_MS = 60_000;
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
  'snapshot' | 'subscribe' | 'onCancels' | 'start' | 'stop' | 'pause' | 'refresh' | 'setStaleAfter'
>;

class PollingFeed {
  readonly #state = new FeedState();
  readonly #diagnosis: FeedDiagnosis;
  readonly #listeners = new Set<() => void>();
  readonly #cancelListeners = new Set<(cancels: readonly FeedCancel[]) => void>();
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
    this.#reportCancels(events);
    const catalogIds = events.flatMap((event) => (event.catalogId === null ? [] : [event.catalogId]));
    const starting = events.some((event) => !this.#state.rows.has(event.executionId));
    const catalog = starting ? await this.store.catalogEntries(catalogIds, this.#reading) : new Map();
    const { changed, unknown } = this.#state.apply(events, catalog);
    const found = unknown.length > 0 && (await takeUnknown(this.store, this.#state, unknown, this.#reading));
    this.#publish({ health: { kind: 'live' }, asOf, changed: changed || found });
  }

  #reportCancels(events: readonly FeedEvent[]): void {
    const cancels = events.filter(({ type }) => (CANCELLED_TYPES as readonly (string | null)[]).includes(type));
    if (cancels.length > 0) for (const listener of this.#cancelListeners) listener(cancels);
  }

  async #diagnose(): Promise<void> {
    if (this.#history) return;
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
      history: this.#history,
      clockSkew: read ? readAt - (change.asOf ?? 0) : before.clockSkew,
    };
    if (change.changed || change.health || read) for (const listener of this.#listeners) listener();
  }
}
