import { ScrollModel } from '../kit/scroll-model.js';
import { copyNotice } from '../rows/frozen-target.js';
import { actCommonly } from '../shell/common-actions.js';
import type { ConsoleContext } from '../shell/console-context.js';
import { errorText } from '../shell/error-text.js';
import type { ActionId } from '../shell/keymap-types.js';
import type { Screen } from '../shell/screen.js';
import { batchExecutionIds } from './batch-lines.js';
import { isBusy } from './batch-state.js';
import type { ReportWriter } from './report-writer.js';

/** One batch: its progress, what became of each execution, and the follow-up. Leaving it leaves it running. */
export class BatchModel implements Screen {
  readonly kind = 'batch';
  readonly scroll: ScrollModel;

  constructor(
    private readonly context: ConsoleContext,
    readonly batchId: string,
    private readonly writeReport: ReportWriter,
  ) {
    this.scroll = new ScrollModel(() => this.#ids().length);
  }

  act(action: ActionId): void {
    if (this.scroll.act(action)) return;
    const { notices, batches } = this.context;
    switch (action) {
      case 'stop':
        batches.stop(this.batchId)
          ? notices.say('stopping before the next transaction; what is written stays', 'warn')
          : notices.say('this batch is no longer writing');
        return;
      case 'follow':
        if (!batches.followAgain(this.batchId)) notices.say('nothing to follow up, or it is being followed');
        return;
      case 'report':
        this.#report();
        return;
      case 'copy': {
        const id = this.#ids()[this.scroll.state.getState().cursor];
        if (id === undefined) return;
        const done = this.context.copy(id);
        notices.say(copyNotice([id], done), done ? 'good' : 'warn');
        return;
      }
      case 'back': {
        const batch = batches.get(this.batchId);
        if (batch && isBusy(batch)) notices.say('the batch goes on; J comes back to it');
        this.context.back();
        return;
      }
      default:
        actCommonly(action, this.context);
    }
  }

  click(line: number): void {
    this.scroll.point(this.scroll.state.getState().offset + line);
  }

  wheel(by: 1 | -1): void {
    this.scroll.move({ by: by * 3 });
  }

  #ids(): readonly string[] {
    const batch = this.context.batches.get(this.batchId);
    return batch ? batchExecutionIds(batch) : [];
  }

  #report(): void {
    const { notices } = this.context;
    this.writeReport(this.batchId).then(
      (path) => notices.say(`report written: ${path}`, 'good'),
      (error: unknown) => notices.say(`no report: ${errorText(error)}`, 'bad'),
    );
  }
}
