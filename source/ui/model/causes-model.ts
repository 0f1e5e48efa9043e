import type { ActionId } from '../keymap-types.js';
import type { ConsoleContext } from './console-context.js';
import type { Screen } from './screen.js';

/** The stale executions by cause. */
export class CausesModel implements Screen {
  readonly kind = 'causes';

  constructor(readonly context: ConsoleContext) {}

  act(action: ActionId): void {
    if (action === 'back') this.context.back();
    if (action === 'help') this.context.openHelp();
    if (action === 'quit') this.context.quit();
  }
}
