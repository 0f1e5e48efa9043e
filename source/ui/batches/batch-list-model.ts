import { ScrollModel } from '../kit/scroll-model.js';
import { actCommonly } from '../shell/common-actions.js';
import type { ConsoleContext } from '../shell/console-context.js';
import type { ActionId } from '../shell/keymap-types.js';
import type { Screen } from '../shell/screen.js';

/** The batches of this session, newest first. */
export class BatchListModel implements Screen {
  readonly kind = 'batches';
  readonly scroll: ScrollModel;

  constructor(private readonly context: ConsoleContext) {
    this.scroll = new ScrollModel(() => context.batches.store.getState().batches.length);
  }

  act(action: ActionId): void {
    if (this.scroll.act(action)) return;
    switch (action) {
      case 'open': {
        const batch = this.context.batches.store.getState().batches.toReversed()[this.scroll.state.getState().cursor];
        if (batch) this.context.openBatch(batch.id);
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
    this.scroll.move({ by });
  }
}
