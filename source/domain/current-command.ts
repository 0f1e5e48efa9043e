import { type CommandEvent, type CommandStage, commandStates, isHeld, isOutstanding } from './command-state.js';
import { COMMAND_CLAIMED, COMMAND_ISSUED, COMMAND_STARTED } from './event-types.js';
import type { EpochMs } from './execution.js';
import { compareIds } from './execution-id.js';

/** What an execution is at, or what it did last. */
export interface CurrentCommand {
  readonly commandKey: string;
  readonly node: string | null;
  readonly stage: CommandStage;
  /** Who claimed it last. */
  readonly workerId: string | null;
  /** When the newest of its events was written. */
  readonly at: EpochMs;
  /** Claims or starts since it was last issued, or what its writers counted where that is more. 0: not claimed yet. */
  readonly attempts: number;
  /** How many commands have been issued and have not ended, this one included. */
  readonly outstanding: number;
}

/**
 * The command with the newest event among those that a worker holds; failing these, among those that wait; failing
 * these, of all. Null without commands. Events may come in any order.
 */
export function currentCommand(
  events: readonly (CommandEvent & { readonly attempt: number | null })[],
): CurrentCommand | null {
  const states = commandStates(events).sort((a, b) => compareIds(b.lastEventId, a.lastEventId));
  const outstanding = states.filter(isOutstanding);
  const chosen = outstanding.find(isHeld) ?? outstanding[0] ?? states[0];
  if (!chosen) return null;
  const own = events
    .filter((event) => event.commandKey === chosen.commandKey)
    .sort((a, b) => compareIds(a.eventId, b.eventId));
  // A loop that names its commands by the step alone issues each under the same key: its iterations are not attempts.
  const taken = own.slice(own.findLastIndex((event) => event.type === COMMAND_ISSUED) + 1);
  const count = (type: string) => taken.filter((event) => event.type === type).length;
  const [claims, starts] = [count(COMMAND_CLAIMED), count(COMMAND_STARTED)];
  // A writer counts from 1 as it issues: that is an attempt only once a worker took it.
  const written = claims + starts > 0 ? own.reduce((most, { attempt }) => Math.max(most, attempt ?? 0), 0) : 0;
  return {
    commandKey: chosen.commandKey,
    node: chosen.node,
    stage: chosen.stage,
    workerId: chosen.workerId,
    at: chosen.lastAt,
    attempts: Math.max(claims, starts, written),
    outstanding: outstanding.length,
  };
}
