import { displayStatus, silentFor } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { ExecutionTree, TreeNode } from '../../service/tree.js';
import { formatDuration } from '../../text/duration.js';
import { visibleText } from '../../text/visible-text.js';
import { displayWidth, truncate } from '../../text/width.js';
import { type ListClock, playbook } from './execution-table.js';
import type { Style } from './style.js';
import { paintStatus, statusWord } from './style.js';

/** The nodes as they are drawn: each before its children. Deep trees do not cost stack. */
export function treeOrder(tree: ExecutionTree): TreeNode[] {
  const order: TreeNode[] = [];
  const waiting: ExecutionId[] = [tree.root];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    const node = tree.nodes.get(id);
    if (!node) continue;
    order.push(node);
    for (const child of [...node.children].reverse()) waiting.push(child);
  }
  return order;
}

/** Levels whose branches are drawn; below them the depth is a number, or each line would be as long as it is deep. */
const DRAWN_LEVELS = 32;

/** The tree with its branches drawn, a line an execution; on a terminal cut to its width. */
export function treeLines(tree: ExecutionTree, clock: ListClock, style: Style, width?: number): string[] {
  const stems = new Map<ExecutionId, string>();
  return treeOrder(tree).map((node) => {
    const parent = node.parent === null ? undefined : tree.nodes.get(node.parent);
    const last = !parent || parent.children.at(-1) === node.executionId;
    const stem = node.parent === null ? '' : (stems.get(node.parent) ?? '');
    const isDrawn = node.depth <= DRAWN_LEVELS;
    stems.set(node.executionId, parent && isDrawn ? `${stem}${last ? '   ' : '│  '}` : stem);
    const branch = parent ? `${stem}${last ? '└─ ' : '├─ '}${isDrawn ? '' : `(level ${node.depth}) `}` : '';
    return nodeLine(node, branch, clock, style, width);
  });
}

function nodeLine(node: TreeNode, branch: string, clock: ListClock, style: Style, width?: number): string {
  const { execution, executionId, children } = node;
  if (!execution) return `${style.dim(branch)}${executionId}  ${style.dim('(no events of its own)')}`;
  const status = displayStatus(execution, clock.now, clock.staleAfterMs);
  const word = statusWord(status);
  const below = children.length > 0 ? `  ${children.length} child(ren)` : '';
  const age =
    status === 'RUNNING' || status === 'STALE' ? `  silent ${formatDuration(silentFor(execution, clock.now))}` : '';
  const head = `${executionId}  `;
  const tail = `  ${visibleText(playbook(execution))}${age}${below}`;
  const left = width === undefined ? Number.POSITIVE_INFINITY : width - displayWidth(branch + head + word);
  return `${style.dim(branch)}${head}${paintStatus(word, status, style)}${left === Number.POSITIVE_INFINITY ? tail : truncate(tail, Math.max(10, left))}`;
}
