import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ExecutionId } from '../../domain/execution-id.js';
import { type ExecutionTree, loadTree } from '../../service/tree.js';
import { ScrollModel } from '../kit/scroll.js';
import { copyIds, openCancel } from '../rows/list-row.js';
import { BODY_TOP, followBodyRows } from '../shell/body-rows.js';
import { actCommonly } from '../shell/common-actions.js';
import type { ConsoleContext } from '../shell/console-context.js';
import type { ActionId } from '../shell/keymap-types.js';
import type { Screen } from '../shell/screen.js';
import { isPaused, PolledScreen, ShownPoller } from '../shell/shown-poller.js';
import { EventLog } from './event-log.js';
import { childWaits, type GanttMode, type GanttRow, iterationRows, stepRows, treeRows } from './rows.js';
import { commandSpans } from './spans.js';

declare module '../shell/screen.js' {
  interface ScreenArguments {
    gantt: [id: ExecutionId, path: string | null, mode?: GanttMode];
  }
}

const AGAIN_MS = 2000;
/** Children whose waits are shown beside the steps; the whole tree has a mode of its own. */
const MOST_CHILDREN = 1000;
/** The scale above the rows; the rule, the facts of a row and the legend below them. */
export const HEAD_ROWS = 1;
export const FACT_ROWS = 3;
const FOOT_ROWS = FACT_ROWS + 2;

const MODES: readonly GanttMode[] = ['steps', 'iterations', 'tree'];

export interface GanttState {
  readonly mode: GanttMode;
  readonly rows: readonly GanttRow[];
  /** Null until it was read. */
  readonly tree: ExecutionTree | null;
  readonly loading: boolean;
  readonly problem: string | null;
  readonly paused: boolean;
  /** True when the execution has more events, or the tree more executions, than were read. */
  readonly truncated: boolean;
}

/** When each step, command or execution of a tree ran, as bars. */
export class GanttModel extends PolledScreen implements Screen {
  readonly kind = 'gantt';
  readonly state: StoreApi<GanttState>;
  readonly scroll: ScrollModel;
  protected readonly poller: ShownPoller;
  protected readonly stops: readonly (() => void)[];
  readonly #log: EventLog;
  /** The step whose iterations Enter opened; Esc goes back to it. */
  #cameFrom: string | null = null;

  constructor(
    private readonly context: ConsoleContext,
    readonly executionId: ExecutionId,
    readonly path: string | null,
    mode: GanttMode = 'steps',
  ) {
    super();
    const { feed } = context;
    this.#log = new EventLog(context.services.store, executionId);
    const paused = isPaused(feed);
    this.state = createStore<GanttState>(() => ({
      mode,
      rows: [],
      tree: null,
      loading: true,
      problem: null,
      paused,
      truncated: false,
    }));
    this.scroll = new ScrollModel(() => this.state.getState().rows.length);
    this.stops = [
      followBodyRows(context, true, (rows) => this.scroll.resize(Math.max(1, rows - HEAD_ROWS - FOOT_ROWS))),
      feed.subscribe(() => {
        if (isPaused(feed) !== this.state.getState().paused) this.state.setState({ paused: isPaused(feed) });
      }),
    ];
    this.poller = new ShownPoller(feed, {
      everyMs: AGAIN_MS,
      read: (signal) => this.#read(signal),
      failed: (problem) => this.state.setState({ problem, loading: false }),
    });
    this.poller.readNow();
  }

  act(action: ActionId): void {
    if (this.scroll.act(action)) return;
    const { context, executionId } = this;
    const row = this.#row();
    const id = row?.subject.kind === 'execution' ? row.id : executionId;
    switch (action) {
      case 'gantt-rows':
        this.#setMode(MODES[(MODES.indexOf(this.state.getState().mode) + 1) % MODES.length] ?? 'steps');
        return;
      case 'open':
        this.#open();
        return;
      case 'timeline':
        this.#openTimeline(id);
        return;
      case 'describe':
        context.open('describe', id);
        return;
      case 'copy':
        copyIds(context, [id]);
        return;
      case 'cancel':
        this.#cancel(id);
        return;
      case 'refresh':
        this.state.setState({ loading: true });
        this.poller.readNow();
        return;
      case 'back':
        if (this.#cameFrom === null) context.back();
        else this.#setMode('steps', this.#cameFrom);
        return;
      default:
        actCommonly(action, context);
    }
  }

  click(_x: number, y: number): void {
    const line = y - BODY_TOP - HEAD_ROWS;
    if (line < this.scroll.state.getState().height) this.scroll.click(line);
  }

  wheel(by: 1 | -1): void {
    this.scroll.move({ by: by * 3 });
  }

  #row(): GanttRow | undefined {
    return this.state.getState().rows[this.scroll.state.getState().cursor];
  }

  /** What the row is made of: a step's commands, a command's events, an execution's steps. */
  #open(): void {
    const row = this.#row();
    if (!row) return;
    const { subject } = row;
    if (subject.kind === 'execution') {
      if (row.id === this.executionId) this.#setMode('steps');
      else this.context.open('gantt', row.id, subject.node.execution?.path ?? null);
      return;
    }
    if (subject.kind === 'whole') this.#openTimeline(this.executionId);
    else if (subject.kind === 'command') this.#openTimeline(this.executionId, subject.command.eventId);
    else {
      const first = subject.commands[0]?.eventId;
      if (subject.commands.length === 1) this.#openTimeline(this.executionId, first);
      else {
        this.#setMode('iterations', first);
        this.#cameFrom = row.id;
      }
    }
  }

  #openTimeline(id: ExecutionId, eventId?: string): void {
    const path = id === this.executionId ? this.path : (this.#treeNode(id)?.execution?.path ?? null);
    this.context.open('timeline', id, path, eventId);
  }

  #treeNode(id: ExecutionId) {
    return this.state.getState().tree?.nodes.get(id);
  }

  #setMode(mode: GanttMode, rowId?: string): void {
    this.#cameFrom = null;
    this.state.setState({ mode, loading: true });
    this.#layOut();
    const at = this.state.getState().rows.findIndex((row) => row.id === rowId);
    this.scroll.point(Math.max(0, at));
    this.poller.readNow();
  }

  #cancel(id: ExecutionId): void {
    const known = this.context.feed.snapshot().rows.get(id) ?? {
      execution: this.#treeNode(id)?.execution ?? null,
      diagnosis: null,
    };
    openCancel(this.context, [[id, known]], id === this.executionId ? this.path : null);
  }

  async #read(signal: AbortSignal): Promise<void> {
    const { store } = this.context.services;
    if (this.state.getState().mode !== 'tree') {
      await this.#log.read(signal);
      if (signal.aborted) return;
      this.#layOut();
    }
    const limit = this.state.getState().mode === 'tree' ? {} : { limit: MOST_CHILDREN };
    const tree = await loadTree(store, this.executionId, { signal, ...limit });
    if (signal.aborted) return;
    this.state.setState({ tree, problem: null, loading: false });
    this.#layOut();
  }

  /** The rows anew; the cursor stays on its row. */
  #layOut(): void {
    const { mode, tree, rows } = this.state.getState();
    const before = rows[this.scroll.state.getState().cursor]?.id;
    const next = mode === 'tree' ? (tree ? treeRows(tree) : []) : this.#eventRows(mode, tree);
    const truncated = mode === 'tree' ? tree?.truncated === true : this.#log.hasOlder;
    this.state.setState({ rows: next, truncated });
    const at = next.findIndex((row) => row.id === before);
    this.scroll.point(at >= 0 ? at : this.scroll.state.getState().cursor);
  }

  #eventRows(mode: 'steps' | 'iterations', tree: ExecutionTree | null): GanttRow[] {
    const commands = commandSpans(this.#log.events);
    const waits = childWaits(commands, tree);
    return (mode === 'steps' ? stepRows : iterationRows)(this.#log.events, commands, this.path, waits);
  }
}
