import type { EpochMs, Execution } from '../../domain/execution.js';
import { StoreError } from '../../store/errors.js';
import { cancelsAmong, EventWindow, type FeedCancel } from './event-window.js';
import { FeedDiagnosis } from './feed-diagnosis.js';
import { FEED_DEFAULTS, type LiveFeedOptions } from './feed-options.js';
import {
  countChildren,
  type FeedReading,
  type FeedStore,
  readHistory,
  readNewest,
  reconcile,
  takeUnknown,
} from './feed-reading.js';
import {
  type FeedHealth,
  type FeedHistory,
  type FeedSnapshot,
  FeedState,
  NO_HISTORY,
  nothingRead,
} from './feed-state.js';
import { meanwhile } from './meanwhile.js';
import { ReadPace } from './read-pace.js';

/** Expensive reads may use at most 5 % of wall time, however large the database. */
const SHARE = 20;
const FIRST_BACKOFF_MS = 1000;
const MAX_BACKOFF_MS = 30_000;

/** A feed on a store; it reads nothing until it is started. */
export const createLiveFeed = (store: FeedStore, options: LiveFeedOptions = {}): LiveFeed =>
  new PollingFeed(store, { ...FEED_DEFAULTS, ...options });

/** The console's view of the database: a first load, then new events only. */
export type LiveFeed = Pick<
  PollingFeed,
  'snapshot' | 'subscribe' | 'onCancels' | 'start' | 'stop' | 'pause' | 'refresh' | 'setStaleAfter'
>;

class PollingFeed {
  readonly #state = new FeedState();
  readonly #diagnosis: FeedDiagnosis;
  readonly #pace: ReadPace;
  readonly #listeners = new Set<() => void>();
  readonly #cancelListeners = new Set<(cancels: readonly FeedCancel[]) => void>();
  #window: EventWindow | null = null;
  /** Until the history has been read whole. */
  #history: FeedHistory | undefined = NO_HISTORY;
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
    private readonly options: LiveFeedOptions & typeof FEED_DEFAULTS,
  ) {
    this.#staleAfterMs = options.staleAfterMs;
    this.#pace = new ReadPace(options.pollMs);
    this.#diagnosis = new FeedDiagnosis(this.#state, options.diagnose);
    this.#snapshot = nothingRead(this.#state.rows);
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
          this.#schedule(this.#pace.rest());
        },
        (error: unknown) => this.#failed(error),
      )
      .finally(() => {
        this.#turn = null;
      });
    return this.#turn;
  }

  async #read(): Promise<void> {
    this.#pace.begin();
    if (this.#paused) return;
    await this.#readNew();
    if (this.#history || Date.now() >= this.#fullCheckDue) await this.#fullCheck();
    await this.#diagnose();
  }

  get #reading(): FeedReading {
    return { polling: true, signal: this.#stopping.signal };
  }

  /** A read that may take long: new events do not wait for it. */
  #beside<T>(long: (reading: FeedReading) => Promise<T>): Promise<T> {
    const short = { rest: () => this.#pace.rest(), run: () => this.#readNew() };
    return meanwhile(this.#stopping.signal, short, (signal) => long({ ...this.#reading, signal }));
  }

  #readHistory(): Promise<Execution[] | null> {
    return readHistory(this.store, this.#state, this.#reading, {
      goesOn: () => !this.#paused,
      took: async (history, changed) => {
        this.#history = history;
        this.#publish({ changed, health: this.#snapshot.health });
        // New events are not kept waiting by a long history.
        if (this.#pace.rest() === 0) await this.#readNew();
      },
    });
  }

  async #fullCheck(): Promise<void> {
    const begun = Date.now();
    this.#fullCheckDue = begun;
    const isFirst = this.#history !== undefined;
    if (!this.#window) {
      const asOf = await readNewest(this.store, this.#state, this.#reading);
      this.#window = new EventWindow(this.store, asOf);
      this.#publish({ health: { kind: 'live' }, asOf, changed: true });
    }
    const { position } = this.#state.rows;
    const active = (reading: FeedReading) => this.store.activeExecutions(reading);
    const executions = isFirst ? await this.#readHistory() : (await this.#beside(active)).executions;
    if (!executions || this.#paused) return;
    const read = { executions, begun: position };
    const changed = await this.#beside((reading) => reconcile(this.store, this.#state, read, reading));
    this.#history = undefined;
    this.#publish({ health: { kind: 'live' }, changed: changed || isFirst });
    const count = (reading: FeedReading) => countChildren(this.store, this.#state, executions, reading);
    this.#publish({ changed: await this.#beside(count) });
    // Asked for or needed anew while it went on.
    if (this.#fullCheckDue !== begun) return;
    const cost = (Date.now() - begun) * SHARE;
    this.#fullCheckDue = Date.now() + Math.max(this.options.fullCheckMs, cost);
  }

  async #readNew(): Promise<void> {
    if (!this.#window || this.#paused) return;
    this.#pace.begin();
    const { events, asOf, behind } = await this.#window.next(this.#reading);
    if (behind) this.#fullCheckDue = 0;
    this.#reportCancels(cancelsAmong(events));
    const catalogIds = events.flatMap((event) => (event.catalogId === null ? [] : [event.catalogId]));
    const starting = events.some((event) => !this.#state.rows.has(event.executionId));
    const catalog = starting ? await this.store.catalogEntries(catalogIds, this.#reading) : new Map();
    const { changed, unknown } = this.#state.apply(events, catalog);
    const found = unknown.length > 0 && (await takeUnknown(this.store, this.#state, unknown, this.#reading));
    this.#pace.end();
    this.#publish({ health: { kind: 'live' }, asOf, changed: changed || found });
  }

  #reportCancels(cancels: readonly FeedCancel[]): void {
    if (cancels.length > 0) for (const listener of this.#cancelListeners) listener(cancels);
  }

  async #diagnose(): Promise<void> {
    if (this.#history) return;
    const next = ({ signal }: FeedReading) => this.#diagnosis.next(this.#snapshot.asOf, this.#staleAfterMs, signal);
    this.#publish({ changed: await this.#beside(next) });
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
