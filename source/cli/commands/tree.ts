import { notFound } from '../../domain/cancellation.js';
import { displayStatus, silentFor } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import { executionJson } from '../../service/json.js';
import { type ExecutionTree, loadTree, type TreeNode } from '../../service/tree.js';
import { formatDuration } from '../../text/duration.js';
import { visibleJson, visibleText } from '../../text/visible-text.js';
import { displayWidth, truncate } from '../../text/width.js';
import { readId } from '../args/ids.js';
import type { CommandContext } from '../command.js';
import { staleAfterOf } from '../config/layers.js';
import { type ListClock, playbook } from '../output/execution-table.js';
import { EXIT } from '../output/exit-code.js';
import { noteDemoEnds } from '../output/notes.js';
import { paintStatus, type Style, statusWord } from '../output/style.js';
import { tableWidth } from '../output/terminal.js';

/** `tree <id>`: an execution and everything below it. */
export async function run(context: CommandContext): Promise<number> {
  const { flags, terminal, signal } = context;
  const id = readId(context.input[0] ?? '');
  const session = await context.open();
  const staleAfterMs = staleAfterOf(session.layers, flags);
  const tree = await loadTree(session.services.store, id, { signal });
  if (!tree) {
    terminal.note(notFound(id));
    noteDemoEnds(session, terminal);
    return EXIT.notFound;
  }
  const clock = { now: tree.asOf, staleAfterMs };
  if (flags.isJson) {
    for (const { executionId, execution, parent, depth } of treeOrder(tree)) {
      const known = execution ? executionJson(execution, clock) : { execution_id: executionId, status: null };
      terminal.print(visibleJson({ ...known, depth, under: parent }));
    }
  } else if (flags.form === 'name') {
    for (const { executionId } of treeOrder(tree)) terminal.print(executionId);
  } else {
    for (const line of treeLines(tree, clock, terminal.style, tableWidth(terminal))) terminal.print(line);
  }
  for (const { parent, child } of tree.cycles) {
    terminal.note(`${child} also names ${parent} as its parent; it is shown once.`);
  }
  if (tree.truncated) terminal.note(`The tree has more executions than these ${tree.nodes.size}.`);
  return EXIT.done;
}

/** The nodes as they are drawn: each before its children. Deep trees do not cost stack. */
function treeOrder(tree: ExecutionTree): TreeNode[] {
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
