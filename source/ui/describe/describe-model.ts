import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { ExecutionDescription } from '../../service/describe.js';
import { ScrollModel } from '../kit/scroll.js';
import { copyIds, openCancel } from '../rows/list-row.js';
import { BODY_TOP, followBodyRows } from '../shell/body-rows.js';
import { actCommonly } from '../shell/common-actions.js';
import type { ConsoleContext } from '../shell/console-context.js';
import type { ActionId } from '../shell/keymap-types.js';
import type { Screen } from '../shell/screen.js';
import { PolledScreen, ShownPoller } from '../shell/shown-poller.js';
import { type DescribeLine, describeLines } from './describe-format.js';

const AGAIN_MS = 2000;

export interface DescribeState {
  readonly one: ExecutionDescription | null;
  readonly loading: boolean;
  /** True when no rows of the execution exist. */
  readonly missing: boolean;
  /** Why the newest read failed; what was read before stays. */
  readonly problem: string | null;
  /** The execution in lines of the terminal's width, their ages as of now. */
  readonly lines: readonly DescribeLine[];
}

declare module '../shell/screen.js' {
  interface ScreenArguments {
    describe: [id: ExecutionId];
  }
}

/** All that is known of one execution, read again while it is looked at. */
export class DescribeModel extends PolledScreen implements Screen {
  readonly kind = 'describe';
  readonly state: StoreApi<DescribeState> = createStore<DescribeState>(() => ({
    one: null,
    loading: true,
    missing: false,
    problem: null,
    lines: [],
  }));
  readonly scroll: ScrollModel;
  protected readonly poller: ShownPoller;
  protected readonly stops: readonly (() => void)[];

  constructor(
    private readonly context: ConsoleContext,
    readonly executionId: ExecutionId,
  ) {
    super();
    this.scroll = new ScrollModel(() => this.state.getState().lines.length);
    this.stops = [
      followBodyRows(context, true, (rows) => this.scroll.resize(rows)),
      context.size.subscribe(() => this.#layOut()),
      context.clock.store.subscribe(() => this.#layOut()),
      context.times.subscribe(() => this.#layOut()),
    ];
    this.poller = new ShownPoller(context.feed, {
      everyMs: AGAIN_MS,
      read: (signal) => this.#read(signal),
      failed: (problem) => this.state.setState({ loading: false, problem }),
    });
    this.poller.readNow();
  }

  act(action: ActionId): void {
    if (this.scroll.act(action)) return;
    const { context, executionId } = this;
    switch (action) {
      case 'open':
        this.#open();
        return;
      case 'tree':
        context.open('tree', executionId);
        return;
      case 'timeline':
        this.#openTimeline(executionId);
        return;
      case 'gantt':
        context.open('gantt', executionId, this.state.getState().one?.execution.path ?? null);
        return;
      case 'cancel':
        this.#cancel();
        return;
      case 'copy':
        copyIds(context, [executionId]);
        return;
      case 'refresh':
        this.state.setState({ loading: true });
        this.poller.readNow();
        return;
      default:
        actCommonly(action, context);
    }
  }

  click(_x: number, y: number): void {
    this.scroll.click(y - BODY_TOP);
  }

  wheel(by: 1 | -1): void {
    this.scroll.move({ by: by * 3 });
  }

  /** What the line under the cursor names; the tree where it names nothing. */
  #open(): void {
    const leadsTo = this.state.getState().lines[this.scroll.state.getState().cursor]?.leadsTo;
    if (leadsTo?.kind === 'execution') this.context.open('describe', leadsTo.executionId);
    else if (leadsTo?.kind === 'events') this.#openTimeline(leadsTo.executionId);
    else this.context.open('tree', leadsTo?.executionId ?? this.executionId);
  }

  #openTimeline(id: ExecutionId): void {
    this.context.open('timeline', id, this.state.getState().one?.execution.path ?? null);
  }

  #cancel(): void {
    const { one, missing } = this.state.getState();
    if (!one) {
      this.context.notices.say(missing ? 'no rows of this execution exist' : 'it has not been read yet', 'warn');
      return;
    }
    openCancel(this.context, [[this.executionId, one]]);
  }

  async #read(signal: AbortSignal): Promise<void> {
    const options = { staleAfterMs: this.context.staleAfterMs(), signal, polling: true };
    const one = (await this.context.describe.describe([this.executionId], options)).get(this.executionId) ?? null;
    if (signal.aborted) return;
    this.state.setState({ one, loading: false, missing: one === null, problem: null });
    this.#layOut();
  }

  /** The lines anew, where a text has changed: a tick of the clock seldom does. The cursor stays on its fact. */
  #layOut(): void {
    const { one, lines } = this.state.getState();
    const { now } = this.context.clock.store.getState();
    const place = { width: this.context.size.getState().columns, zone: this.context.times.getState().zone };
    const next = one ? describeLines(one, now, place) : [];
    if (JSON.stringify(next) === JSON.stringify(lines)) return;
    const { cursor } = this.scroll.state.getState();
    const before = lines[cursor];
    this.state.setState({ lines: next });
    const same = next.findIndex((line) => line.fact === before?.fact && line.part === before.part);
    const near = same >= 0 ? same : next.findIndex((line) => line.fact === before?.fact);
    this.scroll.point(near >= 0 ? near : cursor);
  }
}
