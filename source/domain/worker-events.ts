import { type CommandEvent, commandStates } from './command-state.js';
import { COMMAND_CANCELLED, COMMAND_CLAIMED, isCommandEnd, isCommandHeld } from './event-types.js';
import { compareIds } from './execution-id.js';
import type { WorkerEvent } from './worker-protocol.js';

/** Whether a worker's event may be written, given what the log says of its command. */
export type WorkerEventDecision =
  | { readonly kind: 'append' }
  | { readonly kind: 'duplicate'; readonly eventId: string }
  | { readonly kind: 'refused'; readonly because: string };

const APPEND: WorkerEventDecision = { kind: 'append' };
const refused = (because: string): WorkerEventDecision => ({ kind: 'refused', because });

/**
 * Keeps a command's log true when several workers race for it.
 *
 * A claim is refused once the execution is cancelled (both stacks answer 409 then) or somebody else has the command. A
 * skip is written once, and only by a worker whose skip is true: not while another worker holds the command, and not
 * after it has ended. Both are safe to send twice. Every other event is the worker's own account and is written.
 *
 * @param known the events of this command, in any order.
 */
export function decideWorkerEvent(
  event: WorkerEvent,
  known: readonly CommandEvent[],
  executionCancelled: boolean,
): WorkerEventDecision {
  const state = commandStates(known)[0];
  const newest = known.find((one) => one.eventId === state?.lastEventId);
  if (event.eventType === COMMAND_CANCELLED) {
    if (!state || !newest) return APPEND;
    if (state.stage === 'cancelled') {
      const skips = known.filter((one) => one.type === COMMAND_CANCELLED).map((one) => one.eventId);
      return { kind: 'duplicate', eventId: skips.sort(compareIds).at(-1) ?? state.lastEventId };
    }
    if (isCommandEnd(newest.type)) return refused(`the command has ended (${newest.type})`);
    if (isCommandHeld(newest.type) && state.workerId !== event.workerId) {
      return refused(`worker ${state.workerId ?? 'unknown'} holds the command`);
    }
    return APPEND;
  }
  if (event.eventType === COMMAND_CLAIMED) {
    if (state?.stage === 'claimed' && state.workerId === event.workerId) {
      return { kind: 'duplicate', eventId: state.lastEventId };
    }
    if (executionCancelled) return refused(`Execution ${event.executionId} is already CANCELLED`);
    if (!state || !newest) return APPEND;
    if (isCommandHeld(newest.type)) return refused(`worker ${state.workerId ?? 'unknown'} holds the command`);
    if (isCommandEnd(newest.type)) return refused(`the command has ended (${newest.type})`);
  }
  return APPEND;
}
