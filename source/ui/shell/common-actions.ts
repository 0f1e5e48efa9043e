import type { ConsoleContext } from './console-context.js';
import type { ActionId } from './keymap-types.js';

/** Does what means the same on every screen above the list; actions that are none of these are passed over. */
export function actCommonly(action: ActionId, context: ConsoleContext): void {
  if (action === 'batches') context.open('batches');
  if (action === 'help') context.open('help');
  if (action === 'back') context.back();
  if (action === 'quit') context.quit();
}
