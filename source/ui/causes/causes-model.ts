import { actCommonly } from '../shell/common-actions.js';
import type { ConsoleContext } from '../shell/console-context.js';
import type { ActionId } from '../shell/keymap-types.js';
import type { Screen } from '../shell/screen.js';

declare module '../shell/screen.js' {
  interface ScreenArguments {
    causes: [];
  }
}

/** The stale executions by cause. */
export class CausesModel implements Screen {
  readonly kind = 'causes';

  constructor(readonly context: ConsoleContext) {}

  act(action: ActionId): void {
    actCommonly(action, this.context);
  }
}
