import type { ConsoleContext } from './console-context.js';
import type { ActionId } from './keymap-types.js';
import { togglePause } from './shown-poller.js';

/** Actions with the same meaning on every screen above the list; others are ignored. */
export function actCommonly(action: ActionId, context: ConsoleContext): void {
  if (action === 'batches') context.open('batches');
  if (action === 'pause') togglePause(context);
  if (action === 'time-zone') toggleZone(context);
  if (action === 'help') context.open('help');
  if (action === 'back') context.back();
  if (action === 'quit') context.quit();
}

function toggleZone({ times, notices }: ConsoleContext): void {
  const zone = times.getState().zone === 'utc' ? 'local' : 'utc';
  times.setState({ zone });
  notices.say(zone === 'utc' ? 'times in UTC' : "times by this computer's clock");
}
