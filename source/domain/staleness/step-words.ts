import { COMMAND_CANCELLED, COMMAND_COMPLETED, COMMAND_FAILED } from '../event-types.js';

/** Event types that finish a step, a command or a loop: after one of these the engine has to issue what comes next. */
export const STEP_FINISH_TYPES = [
  COMMAND_COMPLETED,
  COMMAND_FAILED,
  COMMAND_CANCELLED,
  'call.done',
  'call.error',
  'step.exit',
  'step.skipped',
  'step_failed',
  'loop.done',
  'loop.fanin.completed',
  'stage.completed',
  'frame.completed',
] as const;

/**
 * Newest events between one step's end and the next command: the engine has the execution, no worker does. The families
 * subscription.*, frame.* and stage.* are not here but for their ends, nor is any unknown word: such an execution may
 * be waiting for something that the console does not know, so its silence proves nothing.
 */
const BETWEEN_STEPS: ReadonlySet<string> = new Set<string>([
  ...STEP_FINISH_TYPES,
  'step.enter',
  'loop.item',
  'loop.stalled',
  'ctx.updated',
]);

/** True where the newest event leaves the next move to the engine. */
export const endsAStep = (eventType: string): boolean => BETWEEN_STEPS.has(eventType);
