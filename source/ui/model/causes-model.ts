import type { ActionId } from '../keymap-types.js';
import { actCommonly } from './common-actions.js';
import type { ConsoleContext } from './console-context.js';
import type { Screen } from './screen.js';

/** The stale executions by cause. */
export class CausesModel implements Screen {
  readonly kind = 'causes';

  constructor(readonly context: ConsoleContext) {}

  act(action: ActionId): void {
    actCommonly(action, this.context);
  }
}
