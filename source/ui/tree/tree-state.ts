import type { ExecutionId } from '../../domain/execution-id.js';
import type { Runaway } from '../../domain/runaway/facts.js';
import type { ExecutionTree } from '../../service/tree.js';
import { clamp, keepInView, type Move, moveCursor } from '../kit/scroll.js';

/** Levels whose branches are drawn; no screen is wide enough for more, and every line would be as long as it is deep. */
const MOST_RAILS = 40;

/** One line of a tree as it is folded now. */
export interface TreeLine {
  readonly executionId: ExecutionId;
  readonly depth: number;
  /** For each level above: whether a further sibling follows below, so that a line is drawn down. */
  readonly rails: readonly boolean[];
  readonly last: boolean;
  readonly childCount: number;
  readonly folded: boolean;
  /** Set on a line that stands for a link back to an execution that is already in the tree. */
  readonly cycle: boolean;
}

export interface TreeState {
  readonly tree: ExecutionTree | null;
  /** Those of its executions that behave unlike their playbook, as last read; kept where reading them fails. */
  readonly runaways: ReadonlyMap<ExecutionId, Runaway>;
  readonly loading: boolean;
  /** True when no rows of the root exist. */
  readonly missing: boolean;
  readonly problem: string | null;
  readonly folded: ReadonlySet<ExecutionId>;
  /** Branches without a live execution are left out. */
  readonly liveOnly: boolean;
  readonly lines: readonly TreeLine[];
  readonly cursor: number;
  readonly offset: number;
  readonly height: number;
  readonly marks: ReadonlySet<ExecutionId>;
  /** Marks that were cleared all at once, until others are made. */
  readonly cleared: ReadonlySet<ExecutionId>;
  /** What was unmarked while others stayed marked: no cascade takes it. */
  readonly spared: ReadonlySet<ExecutionId>;
  /** True where a subtree was marked in one go. */
  readonly markedMany: boolean;
}

export type TreeAction =
  | { readonly type: 'loaded'; readonly tree: ExecutionTree | null }
  | { readonly type: 'runaways'; readonly runaways: ReadonlyMap<ExecutionId, Runaway> }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'loading' }
  | { readonly type: 'move'; readonly move: Move }
  | { readonly type: 'point'; readonly index: number }
  | { readonly type: 'height'; readonly rows: number }
  | { readonly type: 'fold' | 'unfold' | 'fold-all' | 'unfold-all' | 'live-only' }
  /** All marks go, to come back with `restore`; or for good, since what they were made for was done. */
  | { readonly type: 'toggle-mark' | 'mark-subtree' | 'unmark' | 'restore' | 'marks-used' }
  | { readonly type: 'point-at'; readonly id: ExecutionId };

export const initialTreeState: TreeState = {
  tree: null,
  runaways: new Map(),
  loading: true,
  missing: false,
  problem: null,
  folded: new Set(),
  liveOnly: false,
  lines: [],
  cursor: 0,
  offset: 0,
  height: 1,
  marks: new Set(),
  cleared: new Set(),
  spared: new Set(),
  markedMany: false,
};

/** Executions that have not ended, and everything between them and the root. */
function liveBranches(tree: ExecutionTree): ReadonlySet<ExecutionId> {
  const alive = new Set<ExecutionId>();
  for (const node of tree.nodes.values()) {
    if (node.execution?.status !== 'RUNNING') continue;
    for (let id: ExecutionId | null = node.executionId; id !== null && !alive.has(id); ) {
      alive.add(id);
      id = tree.nodes.get(id)?.parent ?? null;
    }
  }
  return alive;
}

/** The lines of a tree in the order of drawing, of siblings the live branches first; depth is followed with a stack, so that a deep chain cannot overflow. */
export function treeLines(
  tree: ExecutionTree,
  folded: ReadonlySet<ExecutionId>,
  liveOnly: boolean = false,
): TreeLine[] {
  const alive = liveBranches(tree);
  const cycles = new Map<ExecutionId, ExecutionId[]>();
  for (const { parent, child } of tree.cycles) cycles.set(parent, [...(cycles.get(parent) ?? []), child]);
  const lines: TreeLine[] = [];
  const stack: Omit<TreeLine, 'childCount' | 'folded'>[] = [
    { executionId: tree.root, depth: 0, rails: [], last: true, cycle: false },
  ];
  for (let entry = stack.pop(); entry; entry = stack.pop()) {
    const all = entry.cycle ? [] : (tree.nodes.get(entry.executionId)?.children ?? []);
    const live = all.filter((id) => alive.has(id));
    const children = liveOnly || live.length === all.length ? live : [...live, ...all.filter((id) => !alive.has(id))];
    const back = entry.cycle ? [] : (cycles.get(entry.executionId) ?? []);
    const childCount = children.length + back.length;
    const isFolded = childCount > 0 && folded.has(entry.executionId);
    lines.push({ ...entry, childCount, folded: isFolded });
    if (isFolded) continue;
    const rails = entry.depth === 0 ? [] : [...entry.rails, !entry.last].slice(-MOST_RAILS);
    const below = [...children.map((id) => ({ id, cycle: false })), ...back.map((id) => ({ id, cycle: true }))];
    for (let index = below.length - 1; index >= 0; index -= 1) {
      // Backwards by index, which never leaves the list: a reversed copy costs too much at 100,000 children.
      const { id, cycle } = below[index]!;
      stack.push({ executionId: id, depth: entry.depth + 1, rails, last: index === below.length - 1, cycle });
    }
  }
  return lines;
}

const lineAt = (state: TreeState): TreeLine | undefined => state.lines[state.cursor];

function at(state: TreeState, cursor: number): TreeState {
  const index = clamp(cursor, 0, Math.max(0, state.lines.length - 1));
  return { ...state, cursor: index, offset: keepInView(state.offset, index, state.height, state.lines.length) };
}

/** New lines under the cursor's execution, or under the nearest place that is left. */
function redrawn(state: TreeState, tree: ExecutionTree, folded: TreeState['folded']): TreeState {
  const before = lineAt(state);
  const lines = treeLines(tree, folded, state.liveOnly);
  const found = before ? lines.findIndex((l) => l.executionId === before.executionId && l.cycle === before.cycle) : 0;
  return at({ ...state, tree, folded, lines }, found < 0 ? state.cursor : found);
}

/** The execution and everything below it in the tree; with `liveOnly` what is shown then. */
export function subtree(tree: ExecutionTree, id: ExecutionId, liveOnly: boolean = false): ExecutionId[] {
  const alive = liveOnly ? liveBranches(tree) : null;
  const found: ExecutionId[] = [];
  const stack = [id];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    found.push(next);
    for (const child of tree.nodes.get(next)?.children ?? []) if (alive?.has(child) !== false) stack.push(child);
  }
  return found;
}

function folding(state: TreeState, fold: boolean): TreeState {
  const line = lineAt(state);
  if (!state.tree || !line) return state;
  if (fold) {
    if (line.childCount > 0 && !line.folded) {
      return redrawn(state, state.tree, new Set([...state.folded, line.executionId]));
    }
    const parent = state.lines.findLastIndex((above, index) => index < state.cursor && above.depth === line.depth - 1);
    return parent < 0 ? state : at(state, parent);
  }
  if (!line.folded) return line.childCount > 0 ? at(state, state.cursor + 1) : state;
  const folded = new Set(state.folded);
  folded.delete(line.executionId);
  return redrawn(state, state.tree, folded);
}

function marking(state: TreeState, whole: boolean): TreeState {
  const line = lineAt(state);
  if (!state.tree || !line) return state;
  // What "live only" hides is not marked unseen.
  const ids = whole ? subtree(state.tree, line.executionId, state.liveOnly) : [line.executionId];
  const marks = new Set(state.marks);
  const spared = new Set(state.marks.size > 0 ? state.spared : []);
  const isOn = ids.every((id) => marks.has(id));
  for (const id of ids) {
    (isOn ? spared : marks).add(id);
    (isOn ? marks : spared).delete(id);
  }
  const next = {
    ...state,
    marks,
    cleared: new Set<ExecutionId>(),
    spared: marks.size > 0 ? spared : new Set<ExecutionId>(),
    markedMany: marks.size > 1 && (state.markedMany || (whole && ids.length > 1)),
  };
  return whole ? next : at(next, state.cursor + 1);
}

/** What the tree screen becomes. */
export function treeReducer(state: TreeState, action: TreeAction): TreeState {
  switch (action.type) {
    case 'loading':
      return { ...state, loading: true };
    case 'loaded': {
      const next = { ...state, loading: false, problem: null, missing: action.tree === null };
      return action.tree ? redrawn(next, action.tree, state.folded) : next;
    }
    case 'runaways':
      return { ...state, runaways: action.runaways };
    case 'failed':
      return { ...state, loading: false, problem: action.message };
    case 'move':
      return at(state, moveCursor(state.cursor, action.move, state.height, state.lines.length));
    case 'point':
      return action.index < state.lines.length ? at(state, action.index) : state;
    case 'height':
      return action.rows === state.height ? state : at({ ...state, height: Math.max(1, action.rows) }, state.cursor);
    case 'fold':
      return folding(state, true);
    case 'unfold':
      return folding(state, false);
    case 'fold-all': {
      if (!state.tree) return state;
      const parents = [...state.tree.nodes.values()].filter((node) => node.children.length > 0 && node.depth > 0);
      return redrawn(state, state.tree, new Set(parents.map((node) => node.executionId)));
    }
    case 'live-only': {
      const next = { ...state, liveOnly: !state.liveOnly };
      return state.tree ? redrawn(next, state.tree, state.folded) : next;
    }
    case 'unfold-all':
      return state.tree ? redrawn(state, state.tree, new Set()) : state;
    case 'toggle-mark':
      return marking(state, false);
    case 'mark-subtree':
      return marking(state, true);
    case 'unmark':
      return { ...state, cleared: state.marks, marks: new Set() };
    case 'restore':
      return { ...state, marks: state.cleared, cleared: new Set() };
    case 'marks-used':
      return { ...state, marks: new Set(), cleared: new Set(), spared: new Set(), markedMany: false };
    case 'point-at': {
      const found = state.lines.findIndex(({ executionId, cycle }) => executionId === action.id && !cycle);
      return found < 0 ? state : at(state, found);
    }
  }
}
