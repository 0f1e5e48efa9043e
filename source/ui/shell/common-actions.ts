import type { ConsoleContext } from './console-context.js';
import type { ActionId } from './keymap-types.js';

/** Actions with the same meaning on every screen above the list; others are ignored. */
export function actCommonly(action: ActionId, context: ConsoleContext): void {
  if (action === 'batches') context.open('batches');
  if (action === 'help') context.open('help');
  if (action === 'back') context.back();
  if (action === 'quit') context.quit();
}
