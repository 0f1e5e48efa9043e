import { displayStatus } from '../../domain/execution.js';
import type { ExecutionTree } from '../../service/tree.js';
import { visibleText } from '../../text/visible-text.js';
import { ageOf } from '../kit/format-time.js';
import { type StatusWord, statusWord } from '../rows/format-status.js';
import type { ListClock } from '../rows/list-row.js';
import { NO_PATH } from '../rows/row-cells.js';
import type { TreeLine } from './tree-state.js';

/** The branch before a node: rails of the levels above, its own joint, and whether it is folded. */
export function branchOf(line: TreeLine): string {
  const rails = line.rails.map((more) => (more ? '│ ' : '  ')).join('');
  const joint = line.depth === 0 ? '' : line.last ? '└─' : '├─';
  const fold = line.childCount === 0 ? '─ ' : line.folded ? '▸ ' : '▾ ';
  return line.depth === 0 && line.childCount === 0 ? '' : `${rails}${joint}${fold}`;
}

/** What a line of the tree says. */
export interface TreeLineText {
  readonly branch: string;
  readonly status: StatusWord;
  readonly name: string;
  readonly note: string;
}

const MISSING: StatusWord = { glyph: '?', word: 'NO ROWS', color: 'faint' };
const CYCLE: StatusWord = { glyph: '↺', word: 'CYCLE', color: 'warn' };

export function formatTreeLine(line: TreeLine, tree: ExecutionTree, clock: ListClock): TreeLineText {
  const execution = tree.nodes.get(line.executionId)?.execution ?? null;
  const branch = branchOf(line);
  const path = execution?.path ? visibleText(execution.path) : execution ? NO_PATH : '(named as a parent only)';
  if (line.cycle) return { branch, status: CYCLE, name: path, note: 'already shown above' };
  if (!execution) return { branch, status: MISSING, name: path, note: 'no rows in the event table' };
  const status = displayStatus(execution, clock.now, clock.staleAfterMs);
  const isOpen = status === 'RUNNING' || status === 'STALE';
  const age = isOpen
    ? `silent ${ageOf(execution.lastEvent.at, clock.now)}`
    : `ended ${ageOf(execution.endedAt, clock.now)} ago`;
  const children = line.childCount > 0 ? `${line.childCount} child${line.childCount === 1 ? '' : 'ren'}` : '';
  const note = [age, isOpen ? visibleText(execution.lastEvent.type) : '', children].filter((part) => part !== '');
  return { branch, status: statusWord(status), name: path, note: note.join(' · ') };
}

/** How many executions of a tree have not ended, and anything unusual about it. */
export function treeSummary(tree: ExecutionTree): string {
  const nodes = [...tree.nodes.values()];
  const live = nodes.filter((node) => node.execution?.status === 'RUNNING').length;
  const missing = nodes.filter((node) => node.execution === null).length;
  const parts = [`${nodes.length} execution${nodes.length === 1 ? '' : 's'}, ${live} not ended`];
  const parent = tree.nodes.get(tree.root)?.execution?.parentExecutionId;
  if (parent) parts.push(`child of ${parent}`);
  if (missing > 0) parts.push(`${missing} without rows`);
  if (tree.cycles.length > 0) parts.push(`${tree.cycles.length} link${tree.cycles.length === 1 ? '' : 's'} in a cycle`);
  if (tree.truncated) parts.push('truncated: there are more (a cascade cancels them all)');
  return parts.join(' · ');
}
