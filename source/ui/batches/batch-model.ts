import { createStore, type StoreApi } from 'zustand/vanilla';
import { ScrollModel } from '../kit/scroll.js';
import { copyIds } from '../rows/list-row.js';
import { BODY_TOP, followBodyRows } from '../shell/body-rows.js';
import { actCommonly } from '../shell/common-actions.js';
import type { ConsoleContext } from '../shell/console-context.js';
import type { ActionId } from '../shell/keymap-types.js';
import { errorText } from '../shell/notices.js';
import type { Screen } from '../shell/screen.js';
import { batchExecutionIds, isBusy } from './batch-state.js';
import type { SessionBatches } from './session-batches.js';

declare module '../shell/screen.js' {
  interface ScreenArguments {
    /** `since`: no cancel of the batch is older, milliseconds since 1970. */
    batch: [id: string, since?: number | undefined];
  }
}

/** Progress, reason, and two lines each of counts and evidence above the rows. */
export const HEAD_LINES = 6;

/** Reading a batch that the console does not hold. */
export interface BatchLoading {
  readonly loading: boolean;
  /** True when no cancel of the log names it. */
  readonly missing: boolean;
  readonly problem: string | null;
}

/** One batch: its progress, what became of each execution, and the follow-up. Leaving it leaves it running. */
export class BatchModel implements Screen {
  readonly kind = 'batch';
  readonly state: StoreApi<BatchLoading>;
  readonly scroll: ScrollModel;
  readonly #unfollow: () => void;
  readonly #stopping = new AbortController();

  constructor(
    private readonly context: ConsoleContext,
    readonly batches: SessionBatches,
    readonly batchId: string,
    since?: number,
  ) {
    this.scroll = new ScrollModel(() => this.#ids().length);
    this.#unfollow = followBodyRows(context, false, (rows) => this.scroll.resize(Math.max(1, rows - HEAD_LINES)));
    const known = batches.get(batchId);
    this.state = createStore<BatchLoading>(() => ({ loading: !known, missing: false, problem: null }));
    if (!known || known.fromLog) void this.#load(since);
  }

  act(action: ActionId): void {
    if (this.scroll.act(action)) return;
    const { batches } = this;
    const { notices } = this.context;
    switch (action) {
      case 'stop':
        batches.stop(this.batchId)
          ? notices.say(
              'stopping before the next transaction; executions already cancelled stay cancelled',
              'warn',
              `batch ${this.batchId}`,
            )
          : notices.say('this batch is no longer writing');
        return;
      case 'follow':
        if (!batches.followAgain(this.batchId)) notices.say('nothing to watch, or already being watched');
        return;
      case 'report':
        if (batches.get(this.batchId)?.report) this.context.open('report', this.batchId);
        else notices.say('no report yet: the batch has not finished', 'warn', `batch ${this.batchId}`);
        return;
      case 'open': {
        const id = this.#current();
        const batch = batches.get(this.batchId);
        // Whoever confirmed with one Enter too many stays here.
        if (id === undefined || !batch || isBusy(batch)) return;
        this.context.open('timeline', id, batch.paths.get(id) ?? null);
        return;
      }
      case 'describe': {
        const id = this.#current();
        if (id !== undefined) this.context.open('describe', id);
        return;
      }
      case 'copy': {
        const id = this.#current();
        if (id !== undefined) copyIds(this.context, [id]);
        return;
      }
      case 'back': {
        const batch = batches.get(this.batchId);
        if (batch && isBusy(batch)) {
          const key = this.context.keyOf('batches');
          notices.say(`the batch continues; ${key} returns to it`, 'info', `batch ${this.batchId}`);
        }
        this.context.back();
        return;
      }
      default:
        actCommonly(action, this.context);
    }
  }

  click(_x: number, y: number): void {
    this.scroll.click(y - BODY_TOP - HEAD_LINES);
  }

  wheel(by: 1 | -1): void {
    this.scroll.move({ by: by * 3 });
  }

  dispose(): void {
    this.#stopping.abort();
    this.#unfollow();
    this.batches.rest(this.batchId);
  }

  #current(): string | undefined {
    return this.#ids()[this.scroll.state.getState().cursor];
  }

  #ids(): readonly string[] {
    const batch = this.batches.get(this.batchId);
    return batch ? batchExecutionIds(batch) : [];
  }

  async #load(since: number | undefined): Promise<void> {
    const { signal } = this.#stopping;
    try {
      const isThere = await this.batches.load(this.batchId, { signal, since });
      this.state.setState({ loading: false, missing: !isThere, problem: null });
    } catch (error) {
      if (!signal.aborted) this.state.setState({ loading: false, problem: errorText(error) });
    }
  }
}
