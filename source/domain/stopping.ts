import { type CommandEvent, commandStates, isHeld } from './command-state.js';
import {
  COMMAND_CANCELLED,
  COMMAND_CLAIMED,
  COMMAND_ISSUED,
  COMMAND_STARTED,
  isCommandEnd,
  isCommandHeld,
} from './event-types.js';
import type { EpochMs } from './execution.js';
import { compareIds, type ExecutionId } from './execution-id.js';

/**
 * How far a cancelled execution has come to a stop, by its event log alone. `requested`: the cancel is written, nothing
 * observed yet. `draining`: commands that were in progress have still to end. `stopped`: nothing in progress, and quiet.
 * `still-emitting`: an event that starts work came after the cancel, and no worker has skipped that work.
 */
export type StopPhase = 'requested' | 'draining' | 'stopped' | 'still-emitting';

/** A command that keeps an execution from having stopped. */
export interface DrainingCommand {
  readonly commandKey: string;
  readonly node: string | null;
  readonly workerId: string | null;
  /** When the newest of its events was written. */
  readonly since: EpochMs;
  /** False: its worker is gone or silent in noetl.runtime, so this may never end. Null: not known. */
  readonly workerAlive: boolean | null;
}

export interface StopState {
  readonly executionId: ExecutionId;
  readonly phase: StopPhase;
  /** Commands that a worker holds and that have not ended. */
  readonly draining: number;
  /** The newest event that started work after the cancel. */
  readonly offence: CommandEvent | null;
  /** The draining commands one by one, where they were asked for. */
  readonly holding?: readonly DrainingCommand[];
}

/** The cancel that events are judged against. */
export interface CancelMark {
  readonly eventId: string;
  /** When its row was written, by the database's clock; null when that is not known. */
  readonly at: EpochMs | null;
  /** When it was surely committed; COMMIT_GRACE_MS after `at` unless a run knows better. */
  readonly visibleAt?: EpochMs;
}

/**
 * How long, in milliseconds, a row may be written before its transaction's commit makes it visible. A worker whose claim
 * falls in between passed both checks rightly: that command was in progress when the cancel took effect.
 */
export const COMMIT_GRACE_MS = 150;

/**
 * True for what came after the cancel took effect: by event_id, or by the time of the row, because ids are made by the
 * writers' clocks. What was written about when the cancel was came before: a transaction that began a moment earlier
 * and committed a moment later has the higher id and the earlier time, and its worker checked rightly.
 */
function isAfter(event: CommandEvent, cancel: CancelMark): boolean {
  const byId = compareIds(event.eventId, cancel.eventId) > 0;
  if (cancel.at === null) return byId;
  const visibleAt = cancel.visibleAt ?? cancel.at + COMMIT_GRACE_MS;
  if (event.at > visibleAt) return true;
  return byId && event.at < cancel.at - COMMIT_GRACE_MS;
}

/**
 * The event of one command that started work after the cancel, newest first; null when there is none to hold against it.
 *
 * Events that start work are issued, claimed and started. Not counted: what belongs to a command that a worker held when
 * the cancel took effect, until that command ends; and an issue or a claim that a worker answered with
 * `command.cancelled`, which is how a skip looks. An issue that nobody answers does count: the engine went on, and a
 * worker may yet take it. `command.started` counts even where `command.cancelled` follows: the work had begun.
 */
function offenceOf(events: readonly CommandEvent[], cancel: CancelMark): CommandEvent | null {
  let begun: CommandEvent | null = null;
  let unanswered: CommandEvent | null = null;
  let claimedAfterSkip: CommandEvent | null = null;
  let skipped = false;
  let holder: { readonly workerId: string | null } | null = null;
  for (const event of events) {
    const after = isAfter(event, cancel);
    if (event.type === COMMAND_ISSUED) {
      skipped = false;
      holder = null;
      if (after) unanswered = event;
    } else if (event.type === COMMAND_CANCELLED) {
      skipped = true;
      holder = null;
      unanswered = null;
    } else if (isCommandEnd(event.type)) {
      // A command that was skipped and ends otherwise was run after all.
      if (claimedAfterSkip) unanswered = claimedAfterSkip;
      holder = null;
    } else if (isCommandHeld(event.type)) {
      if (!after) {
        holder = { workerId: event.workerId };
        continue;
      }
      if (holder !== null && isSameWorker(holder.workerId, event.workerId)) continue;
      if (event.type === COMMAND_STARTED) begun = event;
      else if (event.type === COMMAND_CLAIMED && skipped) claimedAfterSkip = event;
      else if (event.type === COMMAND_CLAIMED) unanswered = event;
    }
  }
  return newer(begun, unanswered);
}

/** Not every row names its worker. */
const isSameWorker = (left: string | null, right: string | null) => left === null || right === null || left === right;

function newer(left: CommandEvent | null, right: CommandEvent | null): CommandEvent | null {
  if (!left || !right) return left ?? right;
  return compareIds(left.eventId, right.eventId) > 0 ? left : right;
}

/**
 * The stop state from the cancel and the execution's command events, in any order.
 *
 * @param quiet true when nothing further has been seen for the follow-up's quiet period.
 */
export function stopState(
  executionId: ExecutionId,
  cancel: CancelMark,
  events: readonly CommandEvent[],
  quiet: boolean,
): StopState {
  const byCommand = new Map<string, CommandEvent[]>();
  for (const event of [...events].sort((a, b) => compareIds(a.eventId, b.eventId))) {
    const own = byCommand.get(event.commandKey);
    if (own) own.push(event);
    else byCommand.set(event.commandKey, [event]);
  }
  let offence: CommandEvent | null = null;
  for (const own of byCommand.values()) offence = newer(offence, offenceOf(own, cancel));
  const held = commandStates(events).filter(isHeld);
  const phase: StopPhase = offence ? 'still-emitting' : held.length > 0 ? 'draining' : quiet ? 'stopped' : 'requested';
  const holding = held.map((state) => ({
    commandKey: state.commandKey,
    node: state.node,
    workerId: state.workerId,
    since: state.lastAt,
    workerAlive: null,
  }));
  return { executionId, phase, draining: held.length, offence, holding };
}

/**
 * The events that the stop state depends on: commands that had not ended when the cancel took effect, and those with an
 * event after it. A long execution keeps a handful of its thousands.
 */
export function relevantToStopping(events: readonly CommandEvent[], cancel: CancelMark): CommandEvent[] {
  const later = new Set<string>();
  for (const event of events) {
    if (compareIds(event.eventId, cancel.eventId) > 0 || isAfter(event, cancel)) later.add(event.commandKey);
  }
  const open = commandStates(events).filter((state) => isHeld(state) || state.stage === 'issued');
  const keys = new Set([...later, ...open.map((state) => state.commandKey)]);
  return events.filter((event) => keys.has(event.commandKey));
}
