import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ExecutionId } from '../../domain/execution-id.js';
import { DEFAULT_STALE_AFTER_MS } from '../../domain/execution-status.js';
import { MOVES } from '../kit/scroll.js';
import { textEditOf } from '../kit/text-input.js';
import type { ListRow } from '../rows/list-row.js';
import type { ConsoleContext } from '../shell/console-context.js';
import type { ActionId } from '../shell/keymap-types.js';
import type { Screen } from '../shell/screen.js';
import type { ViewId } from '../shell/views.js';
import type { KeyEvent } from '../terminal/input-event.js';
import { type Tab, tabAt, tabLine } from './format-tabs.js';
import { type ListLayout, listLayout, TABS_ROW } from './layout.js';
import { LIST_ACTIONS } from './list-actions.js';
import { NO_TALLY, type StaleTally, summaryLines, tallyStale } from './list-counts.js';
import { type ListAction, listReducer } from './list-reducer.js';
import { ListSource } from './list-source.js';
import { initialListState, type ListPlace, type ListState, MARKS, sortOf, underCursor } from './list-state.js';
import { OrderKeeper } from './order-keeper.js';
import { makeOrder, type OrderQuery } from './row-order.js';
import { Settling } from './settling.js';

/** Up to so many rows an order is made at once; above, after the key's frame. */
const AT_ONCE = 2000;
/** A filter is tried this long after the last key. */
const TYPING_PAUSE_MS = 120;

const DIRECT: Readonly<Partial<Record<ActionId, ListAction>>> = {
  mark: { type: 'toggle-mark' },
  range: { type: 'range' },
  filter: { type: 'prompt-open' },
};

/** The list: views, filter, sort, cursor and marks. */
export class ListModel implements Screen {
  readonly kind = 'list';
  readonly state: StoreApi<ListState>;
  readonly source: ListSource;
  /** The lines above the Stale view's rows: what its filter leaves, by cause. */
  readonly summary: StoreApi<{ readonly lines: readonly string[] }> = createStore(() => ({ lines: [] }));
  #tally: StaleTally = NO_TALLY;
  #typing: NodeJS.Timeout | null = null;
  #ordering: NodeJS.Timeout | null = null;
  readonly #settling = new Settling();
  #keepsTop = false;
  readonly #keeper = new OrderKeeper();
  readonly #unsubscribe: (() => void)[] = [];
  /** True from entering a view until its own first read: those rows are sorted in, not counted as new. */
  #awaitsSide = false;

  constructor(
    private readonly context: ConsoleContext,
    { view = 'active', staleAfterMs = DEFAULT_STALE_AFTER_MS }: { view?: ViewId; staleAfterMs?: number },
  ) {
    this.state = createStore<ListState>(() => ({ ...initialListState, staleAfterMs }));
    this.source = new ListSource(
      context.feed,
      context.services,
      context.clock,
      () => this.state.getState().staleAfterMs,
      (changed) => this.#synced(changed),
    );
    context.feed.setStaleAfter(staleAfterMs);
    this.dispatch({ type: 'view', view });
    this.source.setView(view);
    const resized = () => this.#resize();
    this.#unsubscribe.push(
      context.batches.store.subscribe(resized),
      context.engine.store.subscribe(() => this.#summarize()),
      context.size.subscribe(() => this.#summarize()),
    );
    resized();
  }

  dispatch(action: ListAction): void {
    const before = this.state.getState();
    const after = listReducer(before, action);
    if (after === before) return;
    this.state.setState(after, true);
    if (after.marks !== before.marks) {
      this.context.notices.withdraw(MARKS);
      this.#summarize();
    }
    if (after.order !== before.order) this.#retally();
    if (after.view !== before.view) {
      this.#awaitsSide = after.view !== 'active' && after.view !== 'stale';
      this.source.setView(after.view);
      this.#resize();
    }
    if (this.state.getState().ordering) this.#order();
  }

  act(action: ActionId): void {
    this.#settling.touch();
    const move = MOVES[action];
    const direct = DIRECT[action];
    if (move) this.dispatch({ type: 'move', move });
    else if (direct) this.dispatch(direct);
    else LIST_ACTIONS[action]?.(this, this.context);
  }

  place(): ListPlace & { readonly isRangeOpen: boolean } {
    const state = this.state.getState();
    const { view, filterText: filter, rangeFrom } = state;
    return { view, filter, executionId: underCursor(state), isRangeOpen: rangeFrom !== null };
  }

  show({ view, filter, executionId }: ListPlace): void {
    this.dispatch({ type: 'filter', text: filter });
    this.dispatch({ type: 'view', view, cursorId: executionId });
  }

  takeKey(event: KeyEvent): boolean {
    this.#settling.touch();
    if (!this.state.getState().prompt) return false;
    if (event.name === 'escape') this.dispatch({ type: 'prompt-close', keep: false });
    else if (event.name === 'enter') this.dispatch({ type: 'prompt-close', keep: true });
    else {
      const edit = textEditOf(event);
      // Ctrl-C and Ctrl-Z are left to the terminal; every letter belongs to the prompt.
      if (!edit) return !event.ctrl && !event.meta;
      this.dispatch({ type: 'prompt-edit', edit });
      this.#applySoon();
    }
    return true;
  }

  takePaste(text: string): void {
    if (!this.state.getState().prompt) return;
    this.dispatch({ type: 'prompt-edit', edit: { type: 'insert', text: text.replace(/\s+/g, ' ').trim() } });
    this.#applySoon();
  }

  click(x: number, y: number): void {
    this.#settling.touch();
    const tab = y === TABS_ROW ? tabAt(this.#tabs(), x) : null;
    if (tab !== null) this.act(`view-${tab}`);
    const { top } = this.#layout();
    if (y >= top) this.dispatch({ type: 'point', index: this.state.getState().offset + y - top });
  }

  wheel(by: 1 | -1): void {
    this.#settling.touch();
    this.dispatch({ type: 'scroll', by: by * 3 });
  }

  row(id: ExecutionId): ListRow | undefined {
    return this.source.store.getState().rows.get(id);
  }

  /** The row of an execution that this view may not have. */
  known(id: ExecutionId): ListRow | undefined {
    return this.row(id) ?? this.context.feed.snapshot().rows.get(id);
  }

  /** The row under the cursor. */
  current(): ListRow | undefined {
    const id = underCursor(this.state.getState());
    return id === null ? undefined : this.row(id);
  }

  /** What the list shows, and in which order. */
  query(): OrderQuery {
    const state = this.state.getState();
    return { view: state.view, filter: state.filter, sort: sortOf(state), clock: this.source.listClock };
  }

  dispose(): void {
    for (const stop of this.#unsubscribe) stop();
    if (this.#typing) clearTimeout(this.#typing);
    if (this.#ordering) clearTimeout(this.#ordering);
    this.source.dispose();
  }

  #layout(): ListLayout {
    const { size, batches, engine } = this.context;
    return listLayout(this.state.getState().view, size.getState(), {
      hasBatch: batches.store.getState().line !== '',
      hasCondition: engine.store.getState().conditions.length > 0,
      summary: this.summary.getState().lines.length,
    });
  }

  #resize(): void {
    this.dispatch({ type: 'height', rows: this.#layout().rows });
  }

  /** Counts what the view and its filter leave. */
  #retally(): void {
    const { view, order } = this.state.getState();
    this.#tally = view === 'stale' ? tallyStale(order, this.source.store.getState().rows, this.query()) : NO_TALLY;
    this.#summarize();
  }

  /** Words for what was counted; a line more or less moves the rows. */
  #summarize(): void {
    const { marks } = this.state.getState();
    const lines = summaryLines(this.#tally, {
      isJudged: this.context.engine.store.getState().conditions.length === 0,
      marks,
      keys: { markSafe: this.context.keyOf('mark-safe'), causes: this.context.keyOf('causes') },
      width: this.context.size.getState().columns,
    });
    if (lines.join() !== this.summary.getState().lines.join()) this.summary.setState({ lines });
    this.#resize();
  }

  #tabs(): readonly Tab[] {
    const { counts, readAt, history } = this.source.store.getState();
    const known = readAt > 0 ? { ...counts, isSoFar: history !== undefined } : null;
    return tabLine(this.state.getState().view, known, this.context.size.getState().columns).tabs;
  }

  #order(): void {
    if (this.#ordering) return;
    const make = () => {
      this.#ordering = null;
      const order = makeOrder(this.source.store.getState().rows, this.query());
      this.dispatch({ type: 'ordered', order, keepsTop: this.#keepsTop });
      this.#keepsTop = false;
    };
    if (this.source.store.getState().counts.all <= AT_ONCE) make();
    else this.#ordering = setTimeout(make, 0);
  }

  /** The order takes in what came; what would move waits. */
  #synced(changed: ReadonlySet<ExecutionId> | null): void {
    const { order, waiting, ordering, view } = this.state.getState();
    const { rows, side, history } = this.source.store.getState();
    if (ordering) {
      this.#order();
      return;
    }
    const isFilling = this.#settling.fills(history !== undefined);
    const sideCame = this.#awaitsSide && side[view]?.loading === false;
    this.#awaitsSide &&= !sideCame;
    const isUntouched = this.#settling.isUntouched && waiting.left + waiting.moved > 0;
    this.#keepsTop = isFilling;
    if (order.ids.length === 0 || sideCame || isUntouched || isFilling) this.dispatch({ type: 'reorder' });
    else {
      this.dispatch({ type: 'synced', ...this.#keeper.sync(order, rows, this.query(), changed) });
      if (this.state.getState().order === order) this.#retally();
    }
  }

  #applySoon(): void {
    if (this.#typing) clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.dispatch({ type: 'prompt-apply' }), TYPING_PAUSE_MS);
  }
}
