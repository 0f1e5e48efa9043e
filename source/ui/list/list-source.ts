import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { FeedSnapshot } from '../../service/live-feed/feed-state.js';
import type { LiveFeed } from '../../service/live-feed/live-feed.js';
import type { Services } from '../../service/use-cases.js';
import { type ListClock, type Rows, RUNAWAYS_EVERY_MS } from '../rows/list-row.js';
import type { Clock } from '../shell/clock.js';
import type { ViewId } from '../shell/views.js';
import { HistoryPoller, readCancellations, readHistory } from './history-poller.js';
import { countRows, type ListCounts, NO_COUNTS } from './list-counts.js';
import { joined, type ListDataState, readRunaways, type SizedRows, withRunaways } from './runaway-rows.js';

/** Minimum interval between updates; longer where a pass over the rows takes long. */
const SHORTEST_MS = 200;
/** Share of the time that going through the rows may take: one part in so many. */
const SHARE = 20;
/** Silence makes stale without any event, so the rows are gone through now and then anyway; big lists less often. */
const RECOUNT_MS = 5000;
const RECOUNT_SHARE = 300;
/** The same for the counts in the tabs while rows change. */
const COUNT_SHARE = 100;
const CANCELLATIONS_EVERY_MS = 2000;

type Sides = Readonly<Record<'runaway' | 'cancelled' | 'all', HistoryPoller>>;

/** The rows of a view. Of history and feed the feed is the fresher; of the cancellations only they know who and why. */
function rowsFor(view: ViewId, feed: SizedRows, sides: Sides): Rows {
  if (view === 'cancelled') return joined(sides.cancelled.state.rows, feed);
  return view === 'all' ? joined(feed, sides.all.state.rows) : feed;
}

/** The data of the list: the feed's, throttled, with what a view needs beside it. */
export class ListSource {
  readonly store: StoreApi<ListDataState>;
  readonly #sides: Sides;
  readonly #unsubscribe: () => void;
  #view: ViewId = 'active';
  #timer: NodeJS.Timeout | null = null;
  #takenAt = 0;
  #cost = 0;
  #revision = -1;
  /** What the rows of the last pass were made from, and the change of the feed's up to which they were looked at. */
  #seen = { parts: [] as readonly unknown[], position: -1, wholeAt: 0, wholeCost: 0, countedAt: 0, countCost: 0 };
  #recount: NodeJS.Timeout | null = null;

  constructor(
    private readonly feed: LiveFeed,
    services: Services,
    private readonly clock: Clock,
    private readonly staleAfterMs: () => number,
    /**
     * Called when rows may have changed, after the store has them; what it takes counts towards the pace. Names the rows
     * to look at; null: all of them.
     */
    private readonly changed: (ids: ReadonlySet<ExecutionId> | null) => void,
  ) {
    const later = () => this.#soon();
    this.#sides = {
      runaway: new HistoryPoller(
        (_known, signal) => readRunaways(services, feed.snapshot(), staleAfterMs(), signal),
        RUNAWAYS_EVERY_MS,
        later,
      ),
      cancelled: new HistoryPoller(
        (known, signal) => readCancellations(services, known, signal),
        CANCELLATIONS_EVERY_MS,
        later,
      ),
      all: new HistoryPoller((_known, signal) => readHistory(services, signal), null, later),
    };
    const snapshot = feed.snapshot();
    if (snapshot.readAt > 0) clock.setSkew(snapshot.clockSkew);
    this.store = createStore<ListDataState>(() => ({
      rows: snapshot.rows,
      tick: 0,
      counts: NO_COUNTS,
      health: snapshot.health,
      history: snapshot.history,
      readAt: snapshot.readAt,
      side: {},
    }));
    this.#unsubscribe = feed.subscribe(() => this.#heard());
  }

  get listClock(): ListClock {
    return { now: this.clock.store.getState().now, staleAfterMs: this.staleAfterMs() };
  }

  /** Reads what a view needs beside the feed, and leaves off reading what it does not. */
  setView(view: ViewId): void {
    this.#view = view;
    this.#wantRunaways();
    this.#sides.cancelled.want(view === 'cancelled');
    this.#sides.all.want(view === 'all');
    this.#take();
  }

  /** Before the feed has read all that runs, none found would read as none there. */
  #wantRunaways(): void {
    const isShown = this.#view === 'runaway' || this.#view === 'active';
    const { readAt, history } = this.feed.snapshot();
    this.#sides.runaway.want(isShown && readAt > 0 && !history);
  }

  async refresh(): Promise<void> {
    await Promise.all([this.feed.refresh(), ...Object.values(this.#sides).map((side) => side.again())]);
  }

  dispose(): void {
    this.#unsubscribe();
    if (this.#recount) clearTimeout(this.#recount);
    if (this.#timer) clearTimeout(this.#timer);
    for (const side of Object.values(this.#sides)) side.dispose();
  }

  /** The feed said something: how it stands is shown at once, rows only when there are new ones. */
  #heard(): void {
    const { health, readAt, clockSkew, revision, history } = this.feed.snapshot();
    if (readAt > 0) this.clock.setSkew(clockSkew);
    const before = this.store.getState();
    // Live without its rows, or complete without the last of them, would say for a moment that there are none.
    if ((before.readAt === 0 && readAt > 0) || (before.history && !history)) {
      this.#take();
      this.#wantRunaways();
    }
    if (before.health !== health || before.readAt !== readAt || before.history !== history) {
      this.store.setState({ health, readAt, history });
    }
    if (revision !== this.#revision) this.#soon();
  }

  #soon(): void {
    if (this.#timer) return;
    const pace = Math.max(SHORTEST_MS, this.#cost * SHARE);
    const wait = this.#takenAt + pace - Date.now();
    if (wait <= 0) this.#take();
    else this.#timer = setTimeout(() => this.#take(), wait);
  }

  #take(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const begun = performance.now();
    const snapshot = this.feed.snapshot();
    this.#revision = snapshot.revision;
    const { runaway, cancelled, all } = this.#sides;
    const { changed, isSeldom } = this.#changes(snapshot.rows);
    const feedRows = withRunaways(snapshot.rows, runaway.state.rows);
    this.store.setState((before) => ({
      rows: rowsFor(this.#view, feedRows, this.#sides),
      tick: before.tick + 1,
      counts: this.#counts(feedRows, changed === null) ?? before.counts,
      side: {
        runaway: { loading: runaway.state.loading && runaway.state.readAt === 0, problem: runaway.state.problem },
        cancelled: { loading: cancelled.state.loading, problem: cancelled.state.problem },
        all: { loading: all.state.loading, problem: all.state.problem },
      },
    }));
    this.changed(changed);
    const cost = performance.now() - begun;
    this.#takenAt = Date.now();
    if (changed === null) Object.assign(this.#seen, { wholeAt: this.#takenAt, wholeCost: cost });
    // A pass that comes seldom does not keep the next new execution waiting for 20 times what it took.
    if (!isSeldom) this.#cost = cost;
    if (this.#recount) clearTimeout(this.#recount);
    this.#recount = setTimeout(() => this.#soon(), Math.max(RECOUNT_MS, this.#seen.wholeCost * RECOUNT_SHARE));
    this.#recount.unref();
  }

  /**
   * The rows that changed since the last pass; null where all are to be looked at. `isSeldom` says that time or what is
   * read beside the feed asks for that, and that the last time was long enough ago.
   */
  #changes(rows: FeedSnapshot['rows']): { changed: ReadonlySet<ExecutionId> | null; isSeldom: boolean } {
    const { runaway, cancelled, all } = this.#sides;
    const parts = [this.#view, rows, this.staleAfterMs(), runaway.state.rows, cancelled.state.rows, all.state.rows];
    const { position, wholeAt, wholeCost, parts: before } = this.#seen;
    const sinceWhole = Date.now() - wholeAt;
    const isPartial = parts.every((part, at) => part === before[at]) && sinceWhole < wholeCost * RECOUNT_SHARE;
    const known = rows.changedSince(position);
    Object.assign(this.#seen, { parts, position: rows.position });
    return {
      changed: isPartial ? known : null,
      isSeldom: !isPartial && known !== null && sinceWhole >= wholeCost * SHARE,
    };
  }

  /** The counts, unless they were made a moment ago and go over so many rows that they are made less often. */
  #counts(rows: SizedRows, isWhole: boolean): ListCounts | null {
    const begun = performance.now();
    if (!isWhole && begun - this.#seen.countedAt < this.#seen.countCost * COUNT_SHARE) return null;
    const counts = countRows(rows, this.listClock, this.#sides.runaway.state.readAt > 0);
    const countedAt = performance.now();
    Object.assign(this.#seen, { countedAt, countCost: countedAt - begun });
    return counts;
  }
}
