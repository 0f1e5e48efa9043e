import type { ConsoleContext } from './console-context.js';
import type { ActionId } from './keymap-types.js';
import { togglePause } from './shown-poller.js';

/** What is left to a screen that has nothing of its own to undo first; the console takes the rest (console-model.ts). */
export function actCommonly(action: ActionId, context: ConsoleContext): void {
  if (action === 'pause') togglePause(context);
  if (action === 'time-zone') toggleZone(context);
  if (action === 'back') context.back();
}

function toggleZone({ times, notices }: ConsoleContext): void {
  const zone = times.getState().zone === 'utc' ? 'local' : 'utc';
  times.setState({ zone });
  notices.say(zone === 'utc' ? 'times in UTC' : "times by this computer's clock");
}
