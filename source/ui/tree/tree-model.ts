import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ExecutionId } from '../../domain/execution-id.js';
import { loadTree } from '../../service/tree.js';
import { MOVES } from '../kit/scroll.js';
import { copyNotice, frozenTarget } from '../rows/frozen-target.js';
import { BODY_TOP, followBodyRows } from '../shell/body-rows.js';
import { actCommonly } from '../shell/common-actions.js';
import type { ConsoleContext } from '../shell/console-context.js';
import { errorText, isAbort } from '../shell/error-text.js';
import type { ActionId } from '../shell/keymap-types.js';
import type { Screen } from '../shell/screen.js';
import { initialTreeState, type TreeAction, type TreeState, treeReducer } from './tree-state.js';

declare module '../shell/screen.js' {
  interface ScreenArguments {
    tree: [root: ExecutionId];
  }
}

/** A tree costs as much as it is big, so it is read again less often than the list. */
const AGAIN_MS = 3000;
/** Share of the time that reading may take: one part in so many. */
const SHARE = 10;

const ACTIONS: Readonly<Partial<Record<ActionId, TreeAction>>> = {
  left: { type: 'fold' },
  right: { type: 'unfold' },
  'fold-all': { type: 'fold-all' },
  'unfold-all': { type: 'unfold-all' },
  'live-only': { type: 'live-only' },
  mark: { type: 'toggle-mark' },
  'mark-group': { type: 'mark-subtree' },
  unmark: { type: 'unmark' },
};

/** The tree of one execution: folding, marks, and a way to cancel from it. */
export class TreeModel implements Screen {
  readonly kind = 'tree';
  readonly state: StoreApi<TreeState> = createStore<TreeState>(() => initialTreeState);
  #reading: AbortController | null = null;
  #timer: NodeJS.Timeout | null = null;
  #awake = true;
  readonly #unfollow: () => void;

  constructor(
    private readonly context: ConsoleContext,
    readonly root: ExecutionId,
  ) {
    this.#unfollow = followBodyRows(context, true, (rows) => this.dispatch({ type: 'height', rows }));
    void this.#read();
  }

  dispatch(action: TreeAction): void {
    this.state.setState(treeReducer(this.state.getState(), action), true);
  }

  act(action: ActionId): void {
    const move = MOVES[action];
    if (move) {
      this.dispatch({ type: 'move', move });
      return;
    }
    const own = ACTIONS[action];
    if (own) {
      this.dispatch(own);
      return;
    }
    const state = this.state.getState();
    const id = state.lines[state.cursor]?.executionId ?? this.root;
    switch (action) {
      case 'open':
      case 'timeline':
        this.context.open('timeline', id, state.tree?.nodes.get(id)?.execution?.path ?? null);
        return;
      case 'describe':
        this.context.open('describe', id);
        return;
      case 'cancel':
        this.#cancel(id);
        return;
      case 'copy': {
        const ids = state.marks.size > 0 ? [...state.marks] : [id];
        const done = this.context.copy(ids.join('\n'));
        this.context.notices.say(copyNotice(ids, done), done ? 'good' : 'warn');
        return;
      }
      case 'refresh':
        this.dispatch({ type: 'loading' });
        return void this.#read();
      case 'back':
        if (state.marks.size > 0) this.dispatch({ type: 'unmark' });
        else this.context.back();
        return;
      default:
        actCommonly(action, this.context);
    }
  }

  click(_x: number, y: number): void {
    if (y >= BODY_TOP) this.dispatch({ type: 'point', index: this.state.getState().offset + y - BODY_TOP });
  }

  wheel(by: 1 | -1): void {
    this.dispatch({ type: 'move', move: { by: by * 3 } });
  }

  resume(): void {
    this.#awake = true;
    void this.#read();
  }

  rest(): void {
    this.#awake = false;
    if (this.#timer) clearTimeout(this.#timer);
  }

  dispose(): void {
    this.rest();
    this.#unfollow();
    this.#reading?.abort();
  }

  #cancel(cursor: ExecutionId): void {
    const { marks, lines, tree, spared, markedMany } = this.state.getState();
    const shown = new Set(lines.map((line) => line.executionId));
    const feed = this.context.feed.snapshot().rows;
    const clock = { now: this.context.clock.store.getState().now, staleAfterMs: this.context.staleAfterMs() };
    const targets = (marks.size > 0 ? [...marks] : [cursor]).map((id) => {
      const execution = tree?.nodes.get(id)?.execution ?? null;
      const known = feed.get(id) ?? { execution, diagnosis: null };
      const target = frozenTarget(id, known, clock, { chosen: 'explicit', hidden: !shown.has(id) });
      // A subtree is one gesture over many: what may be waiting in it is not chosen by it. That it runs is why one marks it.
      return markedMany && target.status === 'STALE' ? { ...target, chosen: 'bulk' as const } : target;
    });
    this.context.open('cancel', targets, {
      clearMarks: () => this.dispatch({ type: 'unmark' }),
      spared: [...spared],
    });
  }

  async #read(): Promise<void> {
    this.#reading?.abort();
    const reading = new AbortController();
    this.#reading = reading;
    const begun = Date.now();
    try {
      const tree = await loadTree(this.context.services.store, this.root, { signal: reading.signal });
      if (!reading.signal.aborted) this.dispatch({ type: 'loaded', tree });
    } catch (error) {
      if (reading.signal.aborted || isAbort(error)) return;
      this.dispatch({ type: 'failed', message: errorText(error) });
    }
    if (reading.signal.aborted || !this.#awake) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#read(), Math.max(AGAIN_MS, (Date.now() - begun) * SHARE));
    this.#timer.unref();
  }
}
