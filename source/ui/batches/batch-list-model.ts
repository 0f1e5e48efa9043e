import { createStore, type StoreApi } from 'zustand/vanilla';
import { type BatchList, type BatchStanding, withNewest } from '../../service/report/batch-list.js';
import { ScrollModel } from '../kit/scroll.js';
import { copyIds } from '../rows/list-row.js';
import { BODY_TOP, followBodyRows } from '../shell/body-rows.js';
import { actCommonly } from '../shell/common-actions.js';
import type { ConsoleContext } from '../shell/console-context.js';
import type { ActionId } from '../shell/keymap-types.js';
import { errorText } from '../shell/notices.js';
import type { Screen } from '../shell/screen.js';
import { type BatchEntry, entryOfLog, entryOfSession, isOpen } from './format-batch-list.js';
import type { SessionBatches } from './session-batches.js';

declare module '../shell/screen.js' {
  interface ScreenArguments {
    batches: [];
  }
}

/** The line of column titles above the rows, and the lines about the batch under the cursor below them. */
export const HEAD_LINES = 1;
export const DETAIL_LINES = 5;

/** What has not settled is looked at again after so many milliseconds; less often where a look takes long. */
const AGAIN_MS = 3000;
const SHARE = 10;
/** Batches that are looked at in one go: as many as a tall terminal shows. */
const LOOKED_AT_ONCE = 60;
/** Cancels come in bursts: one read for all that the feed reports within this time. */
const BURST_MS = 1000;

export interface BatchListState {
  /** Newest first; the log's and this session's. */
  readonly entries: readonly BatchEntry[];
  readonly list: BatchList | null;
  readonly standings: ReadonlyMap<string, BatchStanding>;
  readonly loading: boolean;
  readonly problem: string | null;
}

/** The batches of the log, newest first: those of this session, of earlier ones and of other operators. */
export class BatchListModel implements Screen {
  readonly kind = 'batches';
  readonly state: StoreApi<BatchListState> = createStore<BatchListState>(() => ({
    entries: [],
    list: null,
    standings: new Map(),
    loading: true,
    problem: null,
  }));
  readonly scroll: ScrollModel;
  readonly #stops: readonly (() => void)[];
  readonly #stopping = new AbortController();
  #reading: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #burst: NodeJS.Timeout | null = null;
  #isAwake = true;

  constructor(
    private readonly context: ConsoleContext,
    readonly batches: SessionBatches,
  ) {
    this.scroll = new ScrollModel(() => this.state.getState().entries.length);
    this.#stops = [
      followBodyRows(context, false, (rows) => this.scroll.resize(Math.max(1, rows - HEAD_LINES - DETAIL_LINES))),
      batches.store.subscribe(() => this.#arrange()),
      context.feed.onCancels(() => this.#readSoon()),
    ];
    this.#arrange();
    void this.#read();
  }

  current(): BatchEntry | undefined {
    return this.state.getState().entries[this.scroll.state.getState().cursor];
  }

  act(action: ActionId): void {
    if (this.scroll.act(action)) {
      const { entries, list } = this.state.getState();
      const isAtEnd = this.scroll.state.getState().cursor === entries.length - 1;
      const goesDown = action === 'down' || action === 'page-down' || action === 'last';
      if (goesDown && isAtEnd && list?.next) void this.#read(list);
      else this.#lookSoon(0);
      return;
    }
    const entry = this.current();
    switch (action) {
      case 'open':
        if (entry) this.context.open('batch', entry.id, entry.logged?.isPartial ? undefined : entry.logged?.firstAt);
        return;
      case 'report':
        if (entry) this.context.open('report', entry.id, entry.logged?.isPartial ? undefined : entry.logged?.firstAt);
        return;
      case 'copy':
        if (entry) copyIds(this.context, [entry.id]);
        return;
      case 'refresh':
        this.state.setState({ standings: new Map() });
        void this.#read();
        return;
      default:
        actCommonly(action, this.context);
    }
  }

  click(_x: number, y: number): void {
    this.scroll.click(y - BODY_TOP - HEAD_LINES);
  }

  wheel(by: 1 | -1): void {
    this.scroll.move({ by });
    this.#lookSoon(0);
  }

  resume(): void {
    this.#isAwake = true;
    void this.#read();
  }

  rest(): void {
    this.#isAwake = false;
    for (const timer of [this.#timer, this.#burst]) if (timer) clearTimeout(timer);
    this.#burst = null;
  }

  dispose(): void {
    this.rest();
    this.#stopping.abort();
    for (const stop of this.#stops) stop();
  }

  /** Reads the newest batches, or goes on where `from` ends; then looks whether what is in sight has stopped. */
  #read(from?: BatchList): Promise<void> {
    this.#reading ??= this.#readOnce(from).finally(() => {
      this.#reading = null;
      this.#lookSoon(0);
    });
    return this.#reading;
  }

  async #readOnce(from?: BatchList): Promise<void> {
    this.state.setState({ loading: true });
    const { signal } = this.#stopping;
    try {
      const found = await this.context.services.batchLog.read(from, { signal });
      if (signal.aborted) return;
      const { list } = this.state.getState();
      this.state.setState({ list: from || !list ? found : withNewest(list, found), loading: false, problem: null });
      this.#arrange();
    } catch (error) {
      if (!signal.aborted) this.state.setState({ loading: false, problem: errorText(error) });
    }
  }

  /** Another operator cancels, or a batch of this session has written. */
  #readSoon(): void {
    if (!this.#isAwake || this.#burst) return;
    this.#burst = setTimeout(() => {
      this.#burst = null;
      void this.#read();
    }, BURST_MS);
    this.#burst.unref();
  }

  #lookSoon(ms: number): void {
    if (this.#timer) clearTimeout(this.#timer);
    if (!this.#isAwake || this.#stopping.signal.aborted) return;
    this.#timer = setTimeout(() => void this.#look(), ms);
    this.#timer.unref();
  }

  /** Looks at the batches in sight that have not settled, and again while there are any. */
  async #look(): Promise<void> {
    const begun = performance.now();
    const { offset, height } = this.scroll.state.getState();
    const { signal } = this.#stopping;
    const open = this.state
      .getState()
      .entries.slice(offset, offset + Math.min(height, LOOKED_AT_ONCE))
      .filter(isOpen);
    for (const { logged } of open) {
      if (!logged || signal.aborted) continue;
      try {
        const standing = await this.context.services.batchLog.standing(logged, { signal });
        if (signal.aborted) return;
        const { standings } = this.state.getState();
        this.state.setState({ standings: new Map(standings).set(logged.batchId, standing), problem: null });
        this.#arrange();
      } catch (error) {
        if (!signal.aborted) this.state.setState({ problem: errorText(error) });
        break;
      }
    }
    if (open.length > 0) this.#lookSoon(Math.max(AGAIN_MS, (performance.now() - begun) * SHARE));
  }

  /** Joins the log and the session; the cursor stays on its batch, and at the top it stays at the top. */
  #arrange(): void {
    const { entries: before, list, standings } = this.state.getState();
    const { cursor } = this.scroll.state.getState();
    const selected = cursor === 0 ? undefined : before[cursor]?.id;
    const session = this.batches.store.getState().batches;
    const own = new Set(session.map(({ id }) => id));
    const logged = (list?.batches ?? []).filter(({ batchId }) => !own.has(batchId));
    const entries = [
      ...session.map(entryOfSession),
      ...logged.map((batch) => entryOfLog(batch, standings.get(batch.batchId) ?? null)),
    ].sort((a, b) => b.at - a.at);
    this.state.setState({ entries });
    const at = selected === undefined ? 0 : entries.findIndex(({ id }) => id === selected);
    this.scroll.point(at < 0 ? cursor : at);
  }
}
