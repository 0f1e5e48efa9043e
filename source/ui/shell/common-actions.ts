import type { ConsoleContext } from './console-context.js';
import type { ActionId } from './keymap-types.js';

/** What is left to a screen that has nothing of its own to undo first; the console takes the rest (console-model.ts). */
export function actCommonly(action: ActionId, context: Pick<ConsoleContext, 'back'>): void {
  if (action === 'back') context.back();
}
