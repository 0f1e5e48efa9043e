import { notFound } from '../../domain/cancellation.js';
import { executionJson } from '../../service/json.js';
import { loadTree } from '../../service/tree.js';
import { visibleJson } from '../../text/visible-text.js';
import { readId } from '../args/ids.js';
import type { CommandContext } from '../command.js';
import { staleAfterOf } from '../config/layers.js';
import { EXIT } from '../output/exit-code.js';
import { noteDemoEnds } from '../output/notes.js';
import { tableWidth } from '../output/terminal.js';
import { treeLines, treeOrder } from '../output/tree-lines.js';

/** `tree <id>`: an execution and everything below it. */
export async function run(context: CommandContext): Promise<number> {
  const { flags, terminal, signal } = context;
  const id = readId(context.input[0]!);
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
