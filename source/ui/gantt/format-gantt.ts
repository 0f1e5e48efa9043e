import type { ExecutionTree, TreeNode } from '../../service/tree.js';
import { formatElapsed } from '../../text/duration.js';
import { visibleText } from '../../text/visible-text.js';
import { displayWidth, padded } from '../../text/width.js';
import { plural } from '../../text/words.js';
import { eventTime, type TimeZone } from '../kit/format-time.js';
import type { GanttColumns } from './layout.js';
import type { GanttRow } from './rows.js';
import { type CommandSpan, covered, type SpanState } from './spans.js';

export const STATE_GLYPHS: Readonly<Record<SpanState, string>> = {
  waiting: '◔',
  running: '●',
  completed: '✓',
  failed: '✗',
  cancelled: '■',
};

/** The theme's colour of a state, as everywhere in the console. */
export const STATE_COLORS = {
  waiting: 'warn',
  running: 'running',
  completed: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
} as const;

/** Levels that are indented; the rest of the label is for the name. */
const MOST_INDENT = 8;

/** What stands left of a row's bar. A name too long keeps its end, which distinguishes the playbooks of one folder. */
export function rowCells(
  row: GanttRow,
  columns: GanttColumns,
  now: number,
): { label: string; who: string; took: string } {
  const start = `${'  '.repeat(Math.min(row.depth, MOST_INDENT, Math.floor(columns.label / 6)))}${STATE_GLYPHS[row.state]} `;
  const keep = row.subject.kind === 'execution' || row.subject.kind === 'whole' ? 'end' : 'start';
  const took = formatElapsed((row.to ?? now) - row.from);
  return {
    label: `${start}${padded(row.label, columns.label - 1 - displayWidth(start), { keep })} `,
    who: columns.who === 0 ? '' : `${padded(row.who, columns.who - 1, { keep: 'end' })} `,
    took: `${padded(took, columns.took - 1, { align: 'right' })} `,
  };
}

export const headingCells = ({ label, who, took }: GanttColumns, names: readonly [string, string]): string =>
  padded(names[0], label) +
  (who === 0 ? '' : padded(names[1], who)) +
  `${padded('TOOK', took - 1, { align: 'right' })} `;

/** Children that are named; of more, only their number is said. */
const NAMED = 2;

interface Shown {
  readonly now: number;
  readonly zone: TimeZone;
  readonly tree: ExecutionTree | null;
}

/** What is to be said of the row under the cursor: when, who, and what it waited on. */
export function rowFacts(row: GanttRow, shown: Shown): string {
  const { now, zone } = shown;
  const time = (at: number) => eventTime(at, zone, { day: true, millis: true });
  const span = `${time(row.from)} to ${row.to === null ? 'now' : time(row.to)}`;
  const parts: (string | null)[] = [row.label, span];
  const { subject } = row;
  if (subject.kind === 'command') parts.push(...commandFacts(subject.command, now));
  else if (subject.kind === 'step') parts.push(...stepFacts(subject.commands, now));
  else if (subject.kind === 'execution') parts.push(...executionFacts(subject.node));
  else parts.push(row.state);
  parts.push(childFacts(row, shown));
  return parts.filter((part) => part !== null && part !== '').join(' · ');
}

function commandFacts(command: CommandSpan, now: number): (string | null)[] {
  const { from, begun, to, worker, attempts, state, error, isCut } = command;
  const waited = begun === null ? (to ?? now) - from : begun - from;
  const name = worker === null ? 'a worker' : visibleText(worker);
  return [
    error === null ? null : `${state}: ${visibleText(error.slice(0, 200))}`,
    isCut
      ? 'began before the events that were read'
      : begun === null
        ? null
        : `waited ${formatElapsed(waited)} for a worker`,
    begun === null
      ? `${to === null ? 'waits' : 'waited'} ${formatElapsed(waited)} for a worker`
      : `${name} ${to === null ? 'has run it for' : 'ran it'} ${formatElapsed((to ?? now) - begun)}`,
    attempts > 1 ? `claimed ${attempts} times` : null,
    error === null ? state : null,
  ];
}

function stepFacts(commands: readonly CommandSpan[], now: number): (string | null)[] {
  const [only] = commands;
  if (commands.length === 1 && only) return commandFacts(only, now);
  const count = (state: SpanState) => commands.filter((command) => command.state === state).length;
  const states = (['running', 'waiting', 'failed', 'cancelled', 'completed'] as const)
    .map((state) => [count(state), state] as const)
    .filter(([number]) => number > 0)
    .map(([number, state]) => `${number} ${state}`);
  const ran = (command: CommandSpan) => (command.begun === null ? 0 : (command.to ?? now) - command.begun);
  const slowest = commands.reduce((most, command) => (ran(command) > ran(most) ? command : most));
  const workers = new Set(commands.flatMap(({ worker }) => worker ?? [])).size;
  const waiting = commands.map((command) => ({ from: command.from, to: command.begun ?? command.to ?? now }));
  return [
    `${plural(commands.length, 'command')} (${states.join(', ')})`,
    workers > 0 ? `by ${plural(workers, 'worker')}` : null,
    `longest ${formatElapsed(ran(slowest))}${slowest.iteration === null ? '' : ` [${slowest.iteration}]`}`,
    `some waited for a worker during ${formatElapsed(covered(waiting, now))}`,
  ];
}

function executionFacts({ executionId, execution, parent }: TreeNode): (string | null)[] {
  return [
    executionId,
    execution?.status ?? null,
    parent === null ? null : `child of ${parent}`,
    execution?.lastEvent.node == null ? null : `at ${visibleText(execution.lastEvent.node)}`,
    execution?.lastEvent.workerId == null ? null : visibleText(execution.lastEvent.workerId),
  ];
}

/** How long it waited on executions that it had started, and on which for longest. */
function childFacts({ children, waitsOn, to }: GanttRow, { now, tree }: Shown): string | null {
  if (children.length === 0 || !tree) return null;
  const lengthOf = (node: TreeNode): number => {
    const { startedAt, endedAt } = node.execution ?? {};
    return startedAt == null ? 0 : (endedAt ?? now) - startedAt;
  };
  const nodes = children.flatMap((id) => tree.nodes.get(id) ?? []).sort((a, b) => lengthOf(b) - lengthOf(a));
  const named = nodes
    .slice(0, NAMED)
    .map((node) => `${node.executionId} ${visibleText(node.execution?.path ?? '')} ${formatElapsed(lengthOf(node))}`);
  const verb = to === null && nodes.some((node) => node.execution?.status === 'RUNNING') ? 'waits' : 'waited';
  const more = nodes.length > NAMED ? `, and ${nodes.length - NAMED} more` : '';
  const whom = plural(nodes.length, 'child', 'children');
  return `${verb} ${formatElapsed(covered(waitsOn, now))} on ${whom}: ${named.join(', ')}${more}`;
}
