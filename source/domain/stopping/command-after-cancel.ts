import type { CommandEvent } from '../command-state.js';
import {
  COMMAND_CANCELLED,
  COMMAND_CLAIMED,
  COMMAND_ISSUED,
  COMMAND_STARTED,
  isCommandEnd,
  isWorkStart,
} from '../event-types.js';
import { compareIds } from '../execution-id.js';

/** A worker's hold on a command: it claimed or started it, and the command has not ended. */
export interface CommandHold {
  readonly workerId: string | null;
  readonly node: string | null;
  /** The newest event of the command while it is held. */
  readonly last: CommandEvent;
  /** True when the command was claimed or started after the cancel. */
  readonly begunAfter: boolean;
}

/** One command, seen from the cancel of its execution. */
export interface CommandAfterCancel {
  readonly hold: CommandHold | null;
  /** The newest claim or start after the cancel that no `command.cancelled` answered; of an ended command too. */
  readonly violation: CommandEvent | null;
  /** Issued after the cancel and never handed to a worker. */
  readonly isRefused: boolean;
  /** True when a worker had it in progress at the cancel or later. */
  readonly wasInProgress: boolean;
}

/** Not every row names its worker. */
const isSameWorker = (left: string | null, right: string | null) => left === null || right === null || left === right;

export function newer(left: CommandEvent | null, right: CommandEvent | null): CommandEvent | null {
  if (!left || !right) return left ?? right;
  return compareIds(left.eventId, right.eventId) > 0 ? left : right;
}

/**
 * Reads one command's events, in the order of their ids.
 *
 * Only a claim or a start begins work. A `command.issued` after the cancel does not: the Python engine writes one more
 * for every command that ends, and its claim is refused with 409. A claim that is answered by `command.cancelled` is a
 * skip. The reaper hands a command to another worker under the same id, so the newest claim says who has it.
 */
export function commandAfterCancel(
  events: readonly CommandEvent[],
  isAfter: (event: CommandEvent) => boolean,
): CommandAfterCancel {
  let hold = null as CommandHold | null;
  let started: CommandEvent | null = null;
  let claimed: CommandEvent | null = null;
  let claimedAfterSkip: CommandEvent | null = null;
  let isSkipped = false;
  let hasEnded = false;
  let isIssuedAfter = false;
  let wasInProgress = false;
  for (const event of events) {
    const after = isAfter(event);
    if (after && hold) wasInProgress = true;
    if (event.type === COMMAND_ISSUED) {
      isSkipped = false;
      hasEnded = false;
      // What a worker has in progress at the cancel stays in progress, whatever the engine issues afterwards.
      if (after) isIssuedAfter = true;
      else hold = null;
    } else if (event.type === COMMAND_CANCELLED) {
      isSkipped = true;
      hasEnded = true;
      hold = null;
      claimed = null;
    } else if (isCommandEnd(event.type)) {
      // A command that was skipped and ends otherwise was run after all.
      claimed = claimedAfterSkip ?? claimed;
      hasEnded = true;
      hold = null;
    } else {
      const begins = isWorkStart(event.type);
      // A heartbeat continues what is in progress; a late one revives nothing.
      if (!begins && !hold && (after || hasEnded)) continue;
      if (event.type === COMMAND_CLAIMED && isSkipped) {
        if (after) claimedAfterSkip = event;
        continue;
      }
      const before: CommandHold | null = hold;
      const goesOn = before !== null && isSameWorker(before.workerId, event.workerId);
      const begunAfter = after && begins && !goesOn ? true : (before?.begunAfter ?? false);
      if (after && begunAfter && event.type === COMMAND_STARTED) started = event;
      if (after && begunAfter && event.type === COMMAND_CLAIMED) claimed = event;
      const takesOver = event.type === COMMAND_CLAIMED || (after && begins);
      const workerId = takesOver ? (event.workerId ?? before?.workerId ?? null) : (before?.workerId ?? event.workerId);
      hold = { workerId, node: event.node ?? before?.node ?? null, last: event, begunAfter };
      hasEnded = false;
      if (after) wasInProgress = true;
    }
  }
  const violation = newer(started, claimed);
  return {
    hold,
    violation,
    isRefused: isIssuedAfter && violation === null && hold === null,
    wasInProgress: wasInProgress || hold !== null,
  };
}
