import { ScrollModel } from '../kit/scroll-model.js';
import { BODY_TOP, followBodyRows } from '../shell/body-rows.js';
import { actCommonly } from '../shell/common-actions.js';
import type { ConsoleContext } from '../shell/console-context.js';
import type { ActionId } from '../shell/keymap-types.js';
import type { Screen } from '../shell/screen.js';
import type { SessionBatches } from './session-batches.js';

declare module '../shell/screen.js' {
  interface ScreenArguments {
    batches: [];
  }
}

/** The batches of this session, newest first. */
export class BatchListModel implements Screen {
  readonly kind = 'batches';
  readonly scroll: ScrollModel;
  readonly dispose: () => void;

  constructor(
    private readonly context: ConsoleContext,
    readonly batches: SessionBatches,
  ) {
    this.scroll = new ScrollModel(() => batches.store.getState().batches.length);
    this.dispose = followBodyRows(context, false, (rows) => this.scroll.resize(rows));
  }

  act(action: ActionId): void {
    if (this.scroll.act(action)) return;
    if (action !== 'open') {
      actCommonly(action, this.context);
      return;
    }
    const batch = this.batches.store.getState().batches.toReversed()[this.scroll.state.getState().cursor];
    if (batch) this.context.open('batch', batch.id);
  }

  click(_x: number, y: number): void {
    this.scroll.click(y - BODY_TOP);
  }

  wheel(by: 1 | -1): void {
    this.scroll.move({ by });
  }
}
