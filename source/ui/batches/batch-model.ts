import { ScrollModel } from '../kit/scroll-model.js';
import { copyNotice } from '../rows/frozen-target.js';
import { BODY_TOP, followBodyRows } from '../shell/body-rows.js';
import { actCommonly } from '../shell/common-actions.js';
import type { ConsoleContext } from '../shell/console-context.js';
import type { ConsoleOptions } from '../shell/console-options.js';
import { errorText } from '../shell/error-text.js';
import type { ActionId } from '../shell/keymap-types.js';
import type { Screen } from '../shell/screen.js';
import { batchExecutionIds, isBusy } from './batch-state.js';
import { writeReport } from './report-writer.js';
import type { SessionBatches } from './session-batches.js';

declare module '../shell/screen.js' {
  interface ScreenArguments {
    batch: [id: string];
  }
}

/** Progress, counts, reason, and two lines of evidence above the rows. */
export const HEAD_LINES = 5;

/** One batch: its progress, what became of each execution, and the follow-up. Leaving it leaves it running. */
export class BatchModel implements Screen {
  readonly kind = 'batch';
  readonly scroll: ScrollModel;
  readonly dispose: () => void;

  constructor(
    private readonly context: ConsoleContext,
    readonly batches: SessionBatches,
    private readonly options: ConsoleOptions,
    readonly batchId: string,
  ) {
    this.scroll = new ScrollModel(() => this.#ids().length);
    this.dispose = followBodyRows(context, false, (rows) => this.scroll.resize(Math.max(1, rows - HEAD_LINES)));
  }

  act(action: ActionId): void {
    if (this.scroll.act(action)) return;
    const { batches } = this;
    const { notices } = this.context;
    switch (action) {
      case 'stop':
        batches.stop(this.batchId)
          ? notices.say('stopping before the next transaction; executions already cancelled stay cancelled', 'warn')
          : notices.say('this batch is no longer writing');
        return;
      case 'follow':
        if (!batches.followAgain(this.batchId)) notices.say('nothing to watch, or already being watched');
        return;
      case 'report':
        this.#report();
        return;
      case 'open': {
        const id = this.#ids()[this.scroll.state.getState().cursor];
        const batch = batches.get(this.batchId);
        // Whoever confirmed with one Enter too many stays here.
        if (id === undefined || !batch || isBusy(batch)) return;
        this.context.open('timeline', id, batch.paths.get(id) ?? null);
        return;
      }
      case 'describe': {
        const id = this.#ids()[this.scroll.state.getState().cursor];
        if (id !== undefined) this.context.open('describe', id);
        return;
      }
      case 'copy': {
        const id = this.#ids()[this.scroll.state.getState().cursor];
        if (id === undefined) return;
        const done = this.context.copy(id);
        notices.say(copyNotice([id], done), done ? 'good' : 'warn');
        return;
      }
      case 'back': {
        const batch = batches.get(this.batchId);
        if (batch && isBusy(batch)) notices.say(`the batch continues; ${this.context.keyOf('batches')} returns to it`);
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

  #ids(): readonly string[] {
    const batch = this.batches.get(this.batchId);
    return batch ? batchExecutionIds(batch) : [];
  }

  #report(): void {
    const { notices } = this.context;
    writeReport(this.batches.get(this.batchId), this.options).then(
      (path) => notices.say(`report written: ${path}`, 'good'),
      (error: unknown) => notices.say(`report not written: ${errorText(error)}`, 'bad'),
    );
  }
}
