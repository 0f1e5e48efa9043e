import { ScrollModel } from '../kit/scroll-model.js';
import type { ConsoleContext } from '../shell/console-context.js';
import type { ActionId } from '../shell/keymap-types.js';
import type { Screen } from '../shell/screen.js';

/** Help; how many lines it has is known once it is drawn. */
export class HelpModel implements Screen {
  readonly kind = 'help';
  lineCount = 0;
  readonly scroll = new ScrollModel(() => Math.max(1, this.lineCount - this.scroll.state.getState().height + 1));

  constructor(private readonly context: ConsoleContext) {}

  act(action: ActionId): void {
    if (this.scroll.act(action)) return;
    if (action === 'back') this.context.back();
    if (action === 'quit') this.context.quit();
  }

  wheel(by: 1 | -1): void {
    this.scroll.move({ by: by * 3 });
  }
}
