import { isTransport } from '../../domain/event-types.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import { terminalStatusOf } from '../../domain/execution-status.js';
import type { ExecutionTree, TreeNode } from '../../service/tree.js';
import type { EventDetail } from '../../store/event-store.js';
import { visibleText } from '../../text/visible-text.js';
import { plural } from '../../text/words.js';
import type { CommandSpan, Interval, SpanState } from './spans.js';

/** What is drawn of one stretch of work. */
export interface BarSpan extends Interval {
  readonly begun: number | null;
  readonly state: SpanState;
}

/** One line of the chart. */
export interface GanttRow extends Interval {
  readonly id: string;
  readonly label: string;
  /** Who worked: a worker, or the execution's id in a tree. */
  readonly who: string;
  readonly depth: number;
  readonly state: SpanState;
  readonly spans: readonly BarSpan[];
  /** When it waited on executions that it had started. */
  readonly waitsOn: readonly Interval[];
  /** The last time at which anything of it is known to have happened. */
  readonly lastAt: number;
  readonly subject:
    | { readonly kind: 'whole' }
    | { readonly kind: 'step'; readonly commands: readonly CommandSpan[] }
    | { readonly kind: 'command'; readonly command: CommandSpan }
    | { readonly kind: 'execution'; readonly node: TreeNode };
  /** Executions that it waited on. */
  readonly children: readonly ExecutionId[];
}

export type GanttMode = 'steps' | 'iterations' | 'tree';

const STATE_OF = { COMPLETED: 'completed', FAILED: 'failed', CANCELLED: 'cancelled', RUNNING: 'running' } as const;

const lastOf = (span: CommandSpan): number => Math.max(span.from, span.begun ?? span.from, span.to ?? span.from);
const nameOf = ({ node, iteration }: CommandSpan): string =>
  visibleText(`${node || 'no step'}${iteration === null ? '' : `[${iteration}]`}`);

/** The execution itself, above its steps: what no step covers was spent between them. Null without events. */
function wholeRow(events: readonly EventDetail[], path: string | null): GanttRow | null {
  const own = events.filter((event) => !isTransport(event.type));
  const first = own[0];
  const last = own.at(-1);
  if (!first || !last) return null;
  const ends = own.flatMap((event) => {
    const status = terminalStatusOf(event.type);
    return status ? [{ at: event.at, status }] : [];
  });
  const end =
    ends.find(({ status }) => status === 'COMPLETED') ?? ends.find(({ status }) => status === 'FAILED') ?? ends[0];
  const state = end ? STATE_OF[end.status] : 'running';
  const to = end ? end.at : null;
  return {
    id: 'whole',
    label: path === null ? 'execution' : visibleText(path),
    who: '',
    depth: 0,
    from: first.at,
    to,
    state,
    spans: [{ from: first.at, begun: first.at, to, state }],
    waitsOn: [],
    lastAt: Math.max(last.at, to ?? last.at),
    subject: { kind: 'whole' },
    children: [],
  };
}

/** The children that each command waited on: those that began while it was the only one of its kind in progress. */
export interface ChildWaits {
  readonly ofCommand: ReadonlyMap<string, readonly TreeNode[]>;
  /** Where several commands of one step were in progress, only the step is known. */
  readonly ofStep: ReadonlyMap<string, readonly TreeNode[]>;
}

const NO_WAITS: ChildWaits = { ofCommand: new Map(), ofStep: new Map() };

const add = <Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void => {
  const values = map.get(key);
  if (values) values.push(value);
  else map.set(key, [value]);
};

/**
 * Which command started which child: a child begins between its command's start and end (event-store.md, "What a run
 * looks like"). Commands that call a playbook are taken before others; what stays ambiguous is not claimed.
 */
export function childWaits(commands: readonly CommandSpan[], tree: ExecutionTree | null): ChildWaits {
  if (!tree) return NO_WAITS;
  const nodes = (tree.nodes.get(tree.root)?.children ?? []).flatMap((id) => tree.nodes.get(id) ?? []);
  const children = nodes
    .filter((node) => node.execution?.startedAt != null)
    .sort((a, b) => (a.execution?.startedAt ?? 0) - (b.execution?.startedAt ?? 0));
  const byStart = commands.filter((span) => span.begun !== null).sort((a, b) => (a.begun ?? 0) - (b.begun ?? 0));
  const ofCommand = new Map<string, TreeNode[]>();
  const ofStep = new Map<string, TreeNode[]>();
  let active: CommandSpan[] = [];
  let next = 0;
  for (const child of children) {
    const at = child.execution?.startedAt ?? 0;
    for (let span = byStart[next]; span && (span.begun ?? 0) <= at; span = byStart[++next]) active.push(span);
    active = active.filter((span) => span.to === null || span.to >= at);
    const calls = active.filter((span) => span.nodeType === 'playbook');
    const candidates = calls.length > 0 ? calls : active;
    const [only] = candidates;
    if (!only || candidates.some((span) => span.node !== only.node)) continue;
    add(ofStep, only.node, child);
    if (candidates.length === 1) add(ofCommand, only.eventId, child);
  }
  return { ofCommand, ofStep };
}

const intervalOf = ({ execution }: TreeNode): Interval | null =>
  execution?.startedAt == null ? null : { from: execution.startedAt, to: execution.endedAt };
const intervalsOf = (nodes: readonly TreeNode[]): Interval[] => nodes.flatMap((node) => intervalOf(node) ?? []);

/** A row for each command, in the order of their issue. */
export function iterationRows(
  events: readonly EventDetail[],
  commands: readonly CommandSpan[],
  path: string | null,
  waits: ChildWaits,
): GanttRow[] {
  const whole = wholeRow(events, path);
  const rows = commands.map((command): GanttRow => {
    const children = waits.ofCommand.get(command.eventId) ?? [];
    return {
      id: command.eventId,
      label: nameOf(command),
      who: visibleText(command.worker ?? ''),
      depth: 1,
      from: command.from,
      to: command.to,
      state: command.state,
      spans: [command],
      waitsOn: intervalsOf(children),
      lastAt: lastOf(command),
      subject: { kind: 'command', command },
      children: children.map((child) => child.executionId),
    };
  });
  return whole ? [whole, ...rows] : rows;
}

/** A row for each step, in the order in which the steps began. */
export function stepRows(
  events: readonly EventDetail[],
  commands: readonly CommandSpan[],
  path: string | null,
  waits: ChildWaits,
): GanttRow[] {
  const whole = wholeRow(events, path);
  const steps = new Map<string, CommandSpan[]>();
  for (const command of commands) add(steps, command.node, command);
  const rows = [...steps].map(([node, own]): GanttRow => {
    const children = waits.ofStep.get(node) ?? [];
    const workers = [...new Set(own.flatMap(({ worker }) => worker ?? []))];
    const open = own.filter((command) => command.to === null);
    const states = new Set(own.map(({ state }) => state));
    const order: readonly SpanState[] = ['running', 'waiting', 'failed', 'cancelled', 'completed'];
    return {
      id: `step ${node}`,
      label: `${visibleText(node || 'no step')}${own.length > 1 ? ` ×${own.length}` : ''}`,
      who: workers.length > 1 ? plural(workers.length, 'worker') : visibleText(workers[0] ?? ''),
      depth: 1,
      from: own.reduce((least, { from }) => Math.min(least, from), Number.POSITIVE_INFINITY),
      to: open.length > 0 ? null : own.reduce((most, { to }) => Math.max(most, to ?? most), Number.NEGATIVE_INFINITY),
      state: order.find((state) => states.has(state)) ?? 'completed',
      spans: own,
      waitsOn: intervalsOf(children),
      lastAt: own.reduce((most, command) => Math.max(most, lastOf(command)), Number.NEGATIVE_INFINITY),
      subject: { kind: 'step', commands: own },
      children: children.map((child) => child.executionId),
    };
  });
  rows.sort((a, b) => a.from - b.from);
  return whole ? [whole, ...rows] : rows;
}

/** A row for each execution of a tree, a parent above its children; those without rows have no time and are left out. */
export function treeRows(tree: ExecutionTree): GanttRow[] {
  const rows: GanttRow[] = [];
  const stack: ExecutionId[] = [tree.root];
  for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
    const node = tree.nodes.get(id);
    if (!node) continue;
    for (const child of node.children.toReversed()) stack.push(child);
    const { execution } = node;
    const from = execution?.startedAt ?? execution?.lastEvent.at;
    if (!execution || from === undefined) continue;
    const state = STATE_OF[execution.status];
    const to = execution.status === 'RUNNING' ? null : (execution.endedAt ?? execution.lastEvent.at);
    const children = node.children.flatMap((child) => tree.nodes.get(child) ?? []);
    rows.push({
      id,
      label: visibleText(execution.path ?? id),
      who: id,
      depth: node.depth,
      from,
      to,
      state,
      spans: [{ from, begun: from, to, state }],
      waitsOn: within(intervalsOf(children), { from, to }),
      lastAt: Math.max(from, to ?? execution.lastEvent.at),
      subject: { kind: 'execution', node },
      children: node.children,
    });
  }
  return rows;
}

/** The parts of intervals that lie within another: a parent waits on its children only while it lives. */
const within = (intervals: readonly Interval[], outer: Interval): Interval[] =>
  intervals.flatMap((one) => {
    const from = Math.max(one.from, outer.from);
    const to = outer.to === null ? one.to : Math.min(one.to ?? outer.to, outer.to);
    return to === null || to > from ? [{ from, to }] : [];
  });
