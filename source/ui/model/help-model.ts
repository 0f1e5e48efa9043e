import type { ActionId } from '../keymap-types.js';
import type { ConsoleContext } from './console-context.js';
import type { Screen } from './screen.js';
import { ScrollModel } from './scroll-model.js';

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
