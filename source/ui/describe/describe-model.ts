import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { ExecutionDescription } from '../../service/describe.js';
import { ScrollModel } from '../kit/scroll-model.js';
import { copyNotice, frozenTarget } from '../rows/frozen-target.js';
import { actCommonly } from '../shell/common-actions.js';
import type { ConsoleContext } from '../shell/console-context.js';
import { errorText, isAbort } from '../shell/error-text.js';
import type { ActionId } from '../shell/keymap-types.js';
import type { Screen } from '../shell/screen.js';
import type { DescribeLine } from './describe-format.js';

const AGAIN_MS = 2000;
/** Share of the time that reading may take: one part in so many. */
const SHARE = 10;

export interface DescribeState {
  readonly one: ExecutionDescription | null;
  readonly loading: boolean;
  /** True when no rows of the execution exist. */
  readonly missing: boolean;
  /** Why the newest read failed; what was read before stays. */
  readonly problem: string | null;
}

declare module '../shell/screen.js' {
  interface ScreenArguments {
    describe: [id: ExecutionId];
  }
}

/** All that is known of one execution, read again while it is looked at. */
export class DescribeModel implements Screen {
  readonly kind = 'describe';
  readonly state: StoreApi<DescribeState> = createStore<DescribeState>(() => ({
    one: null,
    loading: true,
    missing: false,
    problem: null,
  }));
  readonly scroll: ScrollModel;
  /** As they are drawn; the width of the terminal makes them. */
  #lines: readonly DescribeLine[] = [];
  #reading: AbortController | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isAwake = true;

  constructor(
    private readonly context: ConsoleContext,
    readonly executionId: ExecutionId,
  ) {
    this.scroll = new ScrollModel(() => this.#lines.length);
    void this.#read();
  }

  /** Takes the lines as they are drawn now. The cursor stays on its fact, wherever that has moved. */
  show(lines: readonly DescribeLine[]): void {
    const before = this.#lines[this.scroll.state.getState().cursor];
    this.#lines = lines;
    if (!before) return;
    const same = lines.findIndex((line) => line.fact === before.fact && line.part === before.part);
    const near = same >= 0 ? same : lines.findIndex((line) => line.fact === before.fact);
    this.scroll.point(near >= 0 ? near : this.scroll.state.getState().cursor);
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
      case 'cancel':
        this.#cancel();
        return;
      case 'copy': {
        const done = context.copy(executionId);
        context.notices.say(copyNotice([executionId], done), done ? 'good' : 'warn');
        return;
      }
      case 'refresh':
        this.state.setState({ loading: true });
        return void this.#read();
      default:
        actCommonly(action, context);
    }
  }

  click(line: number): void {
    this.scroll.point(this.scroll.state.getState().offset + line);
  }

  wheel(by: 1 | -1): void {
    this.scroll.move({ by: by * 3 });
  }

  resume(): void {
    this.#isAwake = true;
    void this.#read();
  }

  rest(): void {
    this.#isAwake = false;
    if (this.#timer) clearTimeout(this.#timer);
  }

  dispose(): void {
    this.rest();
    this.#reading?.abort();
  }

  /** What the line under the cursor names; the tree where it names nothing. */
  #open(): void {
    const leadsTo = this.#lines[this.scroll.state.getState().cursor]?.leadsTo;
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
    const clock = { now: this.context.clock.store.getState().now, staleAfterMs: this.context.staleAfterMs() };
    const target = frozenTarget(this.executionId, one, clock, { chosen: 'explicit', hidden: false });
    this.context.open('cancel', [target], { clearMarks: () => {} });
  }

  async #read(): Promise<void> {
    this.#reading?.abort();
    const reading = new AbortController();
    this.#reading = reading;
    const begun = performance.now();
    try {
      const options = { staleAfterMs: this.context.staleAfterMs(), signal: reading.signal, polling: true };
      const one = (await this.context.describe.describe([this.executionId], options)).get(this.executionId) ?? null;
      if (!reading.signal.aborted) this.state.setState({ one, loading: false, missing: one === null, problem: null });
    } catch (error) {
      if (reading.signal.aborted || isAbort(error)) return;
      this.state.setState({ loading: false, problem: errorText(error) });
    }
    if (reading.signal.aborted || !this.#isAwake) return;
    if (this.#timer) clearTimeout(this.#timer);
    const wait = Math.max(AGAIN_MS, (performance.now() - begun) * SHARE);
    this.#timer = setTimeout(() => void this.#read(), wait);
    this.#timer.unref();
  }
}
