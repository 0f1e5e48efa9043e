import { type CommandEvent, type CommandState, commandStates } from './command-state.js';
import { COMMAND_CANCELLED, COMMAND_CLAIMED, COMMAND_ISSUED, isCommandEnd, isCommandHeld } from './event-types.js';
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
 * skip is written once, and only by a worker whose skip is true: of a cancelled execution, not while another worker holds
 * the command, and not after it has ended. An end (completed, failed) is accepted from the holder of the claim alone:
 * from anybody else it would make a command that still runs look stopped. All three are safe to send twice. The start
 * and the heartbeat are the worker's own account: refused only where the claim is another worker's.
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
    if (!executionCancelled) return refused(`Execution ${event.executionId} is not cancelled`);
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
  if (event.eventType === COMMAND_CLAIMED) return APPEND;
  return decideOwnAccount(event, known, state ?? null);
}

/** What only the holder of the claim can know. */
function decideOwnAccount(
  event: WorkerEvent,
  known: readonly CommandEvent[],
  state: CommandState | null,
): WorkerEventDecision {
  const claim = standingClaim(known);
  const isOwn = claim !== null && claim.workerId !== null && claim.workerId === event.workerId;
  if (!isCommandEnd(event.eventType)) {
    return claim === null || isOwn ? APPEND : refused(`worker ${claim.workerId ?? 'unknown'} holds the command`);
  }
  if (claim === null) return refused('no worker holds the command');
  if (!isOwn) return refused(`worker ${claim.workerId ?? 'unknown'} holds the command`);
  if (event.eventType === `command.${state?.stage}`)
    return { kind: 'duplicate', eventId: state?.lastEventId ?? claim.eventId };
  if (isCommandEnd(`command.${state?.stage}`)) return refused(`the command has ended (command.${state?.stage})`);
  return APPEND;
}

/** The newest claim since the command was last issued: a start or a heartbeat does not pass it on. */
function standingClaim(known: readonly CommandEvent[]): CommandEvent | null {
  const ordered = [...known].sort((a, b) => compareIds(a.eventId, b.eventId));
  const issued = ordered.findLastIndex((one) => one.type === COMMAND_ISSUED);
  return ordered.slice(issued + 1).findLast((one) => one.type === COMMAND_CLAIMED) ?? null;
}
