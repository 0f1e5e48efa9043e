import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ExecutionId } from '../../domain/execution-id.js';
import { type ExecutionTree, loadTree } from '../../service/tree.js';
import { MOVES } from '../kit/scroll.js';
import { PANEL_LINES, ROWS_FOR_PANEL } from '../rows/execution-panel.js';
import { clockOf, copyIds, frozenTarget, type ListRow, RUNAWAYS_EVERY_MS } from '../rows/list-row.js';
import { BODY_TOP, followBodyRows } from '../shell/body-rows.js';
import { actCommonly } from '../shell/common-actions.js';
import type { ConsoleContext } from '../shell/console-context.js';
import type { ActionId } from '../shell/keymap-types.js';
import type { Screen } from '../shell/screen.js';
import { PolledScreen, ShownPoller } from '../shell/shown-poller.js';
import { treeRow } from './format-tree.js';
import { initialTreeState, type TreeAction, type TreeState, treeReducer } from './tree-state.js';

declare module '../shell/screen.js' {
  interface ScreenArguments {
    /** @param at the execution to point at, if it is in the tree; else the root */
    tree: [root: ExecutionId, at?: ExecutionId];
  }
}

/** A tree costs as much as it is big, so it is read again less often than the list. */
const AGAIN_MS = 3000;

/** The column heads come before the first execution. */
const HEAD_LINES = 1;

/** How the body of the screen is divided. */
export function treeLayout(body: number, terminalRows: number): { readonly rows: number; readonly hasPanel: boolean } {
  const hasPanel = terminalRows >= ROWS_FOR_PANEL;
  return { rows: Math.max(1, body - HEAD_LINES - (hasPanel ? PANEL_LINES : 0)), hasPanel };
}

const ACTIONS: Readonly<Partial<Record<ActionId, TreeAction>>> = {
  left: { type: 'fold' },
  right: { type: 'unfold' },
  'fold-all': { type: 'fold-all' },
  'unfold-all': { type: 'unfold-all' },
  'live-only': { type: 'live-only' },
  mark: { type: 'toggle-mark' },
  'mark-group': { type: 'mark-subtree' },
};

/** The tree of one execution: folding, marks, and a way to cancel from it. */
export class TreeModel extends PolledScreen implements Screen {
  readonly kind = 'tree';
  readonly state: StoreApi<TreeState> = createStore<TreeState>(() => initialTreeState);
  /** Pointed at once the tree has been read. */
  #wanted: ExecutionId | null;
  /** Rows made for a tree, and from which news of the feed: one with many children is not counted with every key. */
  readonly #rows = new Map<ExecutionId, { readonly feed: ListRow | undefined; readonly row: ListRow | undefined }>();
  #rowsOf: Pick<TreeState, 'tree' | 'runaways'> | null = null;
  #runawaysReadAt = Number.NEGATIVE_INFINITY;
  protected readonly poller: ShownPoller;
  protected readonly stops: readonly (() => void)[];

  constructor(
    private readonly context: ConsoleContext,
    readonly root: ExecutionId,
    at?: ExecutionId,
  ) {
    super();
    this.#wanted = at ?? null;
    this.stops = [
      followBodyRows(context, true, (rows) => {
        const { rows: height } = context.size.getState();
        this.dispatch({ type: 'height', rows: treeLayout(rows, height).rows });
      }),
    ];
    this.poller = new ShownPoller(context.feed, {
      everyMs: AGAIN_MS,
      read: async (signal) => {
        const tree = await loadTree(context.services.store, root, { signal });
        if (signal.aborted) return;
        this.dispatch({ type: 'loaded', tree });
        if (!tree) return;
        if (this.#wanted !== null) this.dispatch({ type: 'point-at', id: this.#wanted });
        this.#wanted = null;
        await this.#readRunaways(tree, signal);
      },
      failed: (message) => this.dispatch({ type: 'failed', message }),
    });
    this.poller.readNow();
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
      case 'gantt':
        this.context.open('gantt', this.root, state.tree?.nodes.get(this.root)?.execution?.path ?? null, 'tree');
        return;
      case 'describe':
        this.context.open('describe', id);
        return;
      case 'parent':
        this.#goToParent(id);
        return;
      case 'unmark':
        this.#unmark();
        return;
      case 'cancel':
        this.#cancel(id);
        return;
      case 'copy':
        copyIds(this.context, state.marks.size > 0 ? [...state.marks] : [id]);
        return;
      case 'refresh':
        this.dispatch({ type: 'loading' });
        this.poller.readNow();
        return;
      case 'back':
        if (state.marks.size > 0) this.#unmark();
        else this.context.back();
        return;
      default:
        actCommonly(action, this.context);
    }
  }

  click(_x: number, y: number): void {
    const line = y - BODY_TOP - HEAD_LINES;
    const { offset, height } = this.state.getState();
    if (line >= 0 && line < height) this.dispatch({ type: 'point', index: offset + line });
  }

  wheel(by: 1 | -1): void {
    this.dispatch({ type: 'move', move: { by: by * 3 } });
  }

  /** The tree is shown whether this can be read or not, as the list is. */
  async #readRunaways(tree: ExecutionTree, signal: AbortSignal): Promise<void> {
    if (performance.now() - this.#runawaysReadAt < RUNAWAYS_EVERY_MS) return;
    const executions = [...tree.nodes.values()].flatMap(({ execution }) => execution ?? []);
    const active = { executions, asOf: tree.asOf };
    const reading = { active, staleAfterMs: this.context.staleAfterMs(), signal, polling: true };
    const { found } = await this.context.services.runaway.find(reading).catch(() => ({ found: null }));
    if (signal.aborted) return;
    this.#runawaysReadAt = performance.now();
    if (found === null) return;
    this.dispatch({ type: 'runaways', runaways: new Map(found.map(({ runaway }) => [runaway.executionId, runaway])) });
  }

  /** The row of an execution as it is known best. */
  row(id: ExecutionId): ListRow | undefined {
    const { tree, runaways } = this.state.getState();
    if (!tree) return undefined;
    const feed = this.context.feed.snapshot().rows.get(id);
    if (this.#rowsOf?.tree !== tree || this.#rowsOf.runaways !== runaways) {
      this.#rowsOf = { tree, runaways };
      this.#rows.clear();
    }
    const known = this.#rows.get(id);
    if (known && known.feed === feed) return known.row;
    const row = treeRow(id, { tree, runaways }, feed);
    this.#rows.set(id, { feed, row });
    return row;
  }

  /** To the parent in this tree; from the root to the tree of its parent, which has this one in it. */
  #goToParent(id: ExecutionId): void {
    const { tree } = this.state.getState();
    const node = tree?.nodes.get(id);
    if (node?.parent) this.dispatch({ type: 'point-at', id: node.parent });
    else if (node?.execution?.parentExecutionId) this.context.open('tree', node.execution.parentExecutionId, id);
    else if (tree) this.context.notices.say('this execution has no parent');
  }

  /** All marks go; the same key again brings them back, until others are made. */
  #unmark(): void {
    const { marks, cleared } = this.state.getState();
    const key = this.context.keyOf('unmark');
    if (marks.size > 0) {
      this.dispatch({ type: 'unmark' });
      this.context.notices.say(`${marks.size} unmarked: ${key} marks ${marks.size === 1 ? 'it' : 'them'} again`);
    } else if (cleared.size > 0) {
      this.dispatch({ type: 'restore' });
      this.context.notices.say(`${cleared.size} marked again`);
    } else this.context.notices.say('nothing is marked');
  }

  #cancel(cursor: ExecutionId): void {
    const { marks, lines, tree, runaways, spared, markedMany } = this.state.getState();
    const shown = new Set(lines.map((line) => line.executionId));
    const feed = this.context.feed.snapshot().rows;
    const clock = clockOf(this.context);
    const targets = (marks.size > 0 ? [...marks] : [cursor]).map((id) => {
      const execution = tree?.nodes.get(id)?.execution ?? null;
      const known = { ...(feed.get(id) ?? { execution, diagnosis: null }), runaway: runaways.get(id) };
      const target = frozenTarget(id, known, clock, { chosen: 'explicit', hidden: !shown.has(id) });
      // A subtree is one gesture over many: what may be waiting in it is not chosen by it. That it runs is why one marks it.
      return markedMany && target.status === 'STALE' ? { ...target, chosen: 'bulk' as const } : target;
    });
    this.context.open('cancel', targets, {
      clearMarks: () => this.dispatch({ type: 'marks-used' }),
      spared: marks.size > 0 ? [...spared] : [],
    });
  }
}
