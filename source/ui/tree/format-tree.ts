import { displayStatus, type Execution } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { Runaway } from '../../domain/runaway/facts.js';
import { ancestorsOf } from '../../domain/staleness/staleness.js';
import type { ExecutionTree } from '../../service/tree.js';
import { visibleText } from '../../text/visible-text.js';
import { plural } from '../../text/words.js';
import type { StatusWord } from '../rows/format-status.js';
import { type ListClock, type ListRow, rowOf } from '../rows/list-row.js';
import type { TreeLine } from './tree-state.js';

/** The branch before a node: rails of the levels above, its own joint, and whether it is folded. */
export function branchOf(line: TreeLine): string {
  const rails = line.rails.map((more) => (more ? '│ ' : '  ')).join('');
  const joint = line.depth === 0 ? '' : line.last ? '└─' : '├─';
  const fold = line.childCount === 0 ? '─ ' : line.folded ? '▸ ' : '▾ ';
  return line.depth === 0 && line.childCount === 0 ? '' : `${rails}${joint}${fold}`;
}

/** What stands in the place of an execution: a link back into the tree, or one that is only named as a parent. */
export interface TreeStandIn {
  readonly status: StatusWord;
  readonly words: string;
}

export function standInOf(line: TreeLine, tree: ExecutionTree): TreeStandIn | null {
  const status = (glyph: string, word: string, color: StatusWord['color']) => ({ glyph, word, color });
  if (line.cycle) return { status: status('↺', 'CYCLE', 'warn'), words: 'already shown above' };
  if (tree.nodes.get(line.executionId)?.execution) return null;
  return { status: status('?', 'NO ROWS', 'faint'), words: 'named as a parent only: no rows in the event table' };
}

/** An execution of the tree as a row of a list; the feed's row where it has one as new, with its diagnosis, and how it runs away. */
export function treeRow(
  id: ExecutionId,
  { tree, runaways }: { readonly tree: ExecutionTree; readonly runaways: ReadonlyMap<ExecutionId, Runaway> },
  feed: ListRow | undefined,
): ListRow | undefined {
  const node = tree.nodes.get(id);
  if (!node?.execution) return undefined;
  const isNewer = feed && feed.execution.lastEvent.at >= node.execution.lastEvent.at;
  const isLive = (child: ExecutionId) => tree.nodes.get(child)?.execution?.status === 'RUNNING';
  const children = { live: node.children.filter(isLive).length, all: node.children.length };
  const row = isNewer ? feed : rowOf(node.execution);
  const runaway = runaways.get(id);
  return { ...row, runaway, diagnosis: feed?.diagnosis ?? null, children: (isNewer && feed.children) || children };
}

/** A command is in progress: a step that runs a playbook polls it until it ends. */
const isInProgress = ({ status, lastEvent }: Execution): boolean =>
  status === 'RUNNING' && /^command\.(?:claimed|started)$|^step\.enter$/.test(lastEvent.type);

/**
 * Which ancestors wait for an execution that a cancel would end, in words; empty where none does. An ancestor with a
 * command in progress goes on, or fails, once the execution has ended; what is cancelled too waits for nothing.
 */
export function freedBy(targets: ReadonlySet<ExecutionId>, tree: ExecutionTree): string {
  const waiting = new Map<ExecutionId, Execution>();
  const live = [...targets].filter((id) => tree.nodes.get(id)?.execution?.status === 'RUNNING');
  for (const id of live) {
    for (const ancestor of ancestorsOf(id, (one) => tree.nodes.get(one)?.parent ?? null)) {
      if (targets.has(ancestor)) break;
      const execution = tree.nodes.get(ancestor)?.execution;
      if (!execution || !isInProgress(execution)) continue;
      waiting.set(ancestor, execution);
      break;
    }
  }
  const [first] = waiting.values();
  if (!first) return '';
  const what = live.length === 1 ? 'a cancel here' : `cancelling these ${live.length}`;
  const step = first.lastEvent.node === null ? 'the step' : `step ${visibleText(first.lastEvent.node)}`;
  const others = waiting.size > 1 ? `, and ${plural(waiting.size - 1, 'other ancestor')}` : '';
  return `${what} frees or fails ${step} of ${first.executionId}, which waits for it${others}`;
}

/** How many executions of a tree have not ended, how many are stale, and anything unusual about it. */
export function treeSummary(tree: ExecutionTree, clock: ListClock): string {
  const nodes = [...tree.nodes.values()];
  const live = nodes.filter((node) => node.execution?.status === 'RUNNING').length;
  const isStale = (execution: Execution | null) =>
    execution !== null && displayStatus(execution, clock.now, clock.staleAfterMs) === 'STALE';
  const stale = nodes.filter((node) => isStale(node.execution)).length;
  const missing = nodes.filter((node) => node.execution === null).length;
  const parts = [`${plural(nodes.length, 'execution')}, ${live} not ended${stale > 0 ? `, ${stale} stale` : ''}`];
  const parent = tree.nodes.get(tree.root)?.execution?.parentExecutionId;
  if (parent) parts.push(`child of ${parent}`);
  if (missing > 0) parts.push(`${missing} without rows`);
  if (tree.cycles.length > 0) parts.push(`${plural(tree.cycles.length, 'link')} in a cycle`);
  if (tree.truncated) parts.push('truncated: there are more (a cascade cancels them all)');
  return parts.join(' · ');
}
