import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ListModel } from '../list/list-model.js';
import type { ListPlace } from '../list/list-state.js';
import type { Screen } from '../shell/screen.js';
import type { ViewId } from '../shell/views.js';

/** Deeper than anyone looks back; each screen keeps what it has read. */
const DEEPEST = 40;

/** The list, shown again above other screens: where it stood before, and the filter that it was then shown with. */
interface Visit {
  readonly before: ListPlace;
  readonly filter: string;
}

/**
 * The screens from bottom to top; a value of React's would be lost with it, so they live here. There is one list: a view
 * that is chosen from another screen puts that list on top again, and going back restores where it stood.
 */
export class ScreenStack {
  readonly store: StoreApi<{ readonly stack: readonly Screen[] }>;
  readonly #visits: Visit[] = [];

  constructor(private readonly list: ListModel) {
    this.store = createStore(() => ({ stack: [list] as readonly Screen[] }));
  }

  get top(): Screen {
    return this.store.getState().stack.at(-1) ?? this.list;
  }

  push(screen: Screen): void {
    this.top.rest?.();
    const { stack } = this.store.getState();
    const next = [...stack, screen];
    if (next.length > DEEPEST) this.#forget(next);
    this.store.setState({ stack: next });
  }

  /** Shows the list in a view; where it is not on top, above the present screen. */
  showList(view: ViewId, filter?: string): void {
    const isOnTop = this.top === this.list;
    const before = this.list.place();
    this.list.show({ view, filter: filter ?? before.filter, executionId: null });
    if (isOnTop) return;
    this.#visits.push({ before, filter: this.list.place().filter });
    this.push(this.list);
  }

  /** Back to the screen below; false on the lowest one. */
  pop(): boolean {
    const { stack } = this.store.getState();
    if (stack.length <= 1) return false;
    const screen = this.top;
    this.store.setState({ stack: stack.slice(0, -1) });
    const visit = screen === this.list ? this.#visits.pop() : undefined;
    if (visit) this.list.show(visit.before);
    else screen.dispose?.();
    this.top.resume?.();
    return true;
  }

  /** True when Esc in the list goes back to the screen below rather than clear what was set in it: it was set before. */
  get listGoesBack(): boolean {
    const visit = this.#visits.at(-1);
    if (this.top !== this.list || !visit) return false;
    const { filter, isRangeOpen } = this.list.place();
    return !isRangeOpen && (filter === '' || filter === visit.filter);
  }

  dispose(): void {
    for (const screen of new Set(this.store.getState().stack)) screen.dispose?.();
  }

  /** Drops the oldest screen above the lowest. */
  #forget(stack: Screen[]): void {
    const [oldest] = stack.splice(1, 1);
    if (oldest !== this.list) {
      oldest?.dispose?.();
      return;
    }
    // The way back still ends where the list stood at first.
    const [first, next] = this.#visits;
    if (first && next) this.#visits[1] = { ...next, before: first.before };
    this.#visits.shift();
  }
}
