import {
  COMMAND_CANCELLED,
  COMMAND_CLAIMED,
  COMMAND_COMPLETED,
  COMMAND_FAILED,
  COMMAND_HEARTBEAT,
  COMMAND_ISSUED,
  COMMAND_STARTED,
} from './event-types.js';
import type { EpochMs } from './execution.js';
import { compareIds } from './execution-id.js';

/** How far a command has come. `issued` and the held states are outstanding; the others are over. */
export type CommandStage = 'issued' | 'claimed' | 'started' | 'completed' | 'failed' | 'cancelled';

/** One row of a command's life. */
export interface CommandEvent {
  readonly eventId: string;
  readonly type: string;
  /** meta->>'command_id', else the column command_id, else node_name (event-store.md, "Words"). */
  readonly commandKey: string;
  readonly node: string | null;
  readonly workerId: string | null;
  readonly at: EpochMs;
}

/** A command as its events leave it. */
export interface CommandState {
  readonly commandKey: string;
  readonly node: string | null;
  readonly stage: CommandStage;
  /** The worker that claimed it last, if any says so. */
  readonly workerId: string | null;
  readonly issuedAt: EpochMs | null;
  /** When the newest of its events was written. */
  readonly lastAt: EpochMs;
  readonly lastEventId: string;
}

const STAGE: Readonly<Record<string, CommandStage>> = {
  [COMMAND_ISSUED]: 'issued',
  [COMMAND_CLAIMED]: 'claimed',
  [COMMAND_STARTED]: 'started',
  [COMMAND_HEARTBEAT]: 'started',
  [COMMAND_COMPLETED]: 'completed',
  [COMMAND_FAILED]: 'failed',
  [COMMAND_CANCELLED]: 'cancelled',
};

export const isOutstanding = (command: CommandState): boolean =>
  command.stage === 'issued' || command.stage === 'claimed' || command.stage === 'started';
export const isHeld = (command: CommandState): boolean => command.stage === 'claimed' || command.stage === 'started';

/**
 * Every command that the events name, as it stands. Events may come in any order and twice; rows of one key are taken
 * by event_id, because a retry issues a command again under the same id. Events of other kinds are skipped.
 *
 * A claim does not revive a skipped command: two workers may race, and the one whose claim lands after the other's
 * `command.cancelled` skips it too, without a second event. Only `command.started` or a new issue moves it on.
 */
export function commandStates(events: Iterable<CommandEvent>): CommandState[] {
  const ordered = [...events].sort((a, b) => {
    const [left, right] = [BigInt(a.eventId), BigInt(b.eventId)];
    return left < right ? -1 : left > right ? 1 : 0;
  });
  const states = new Map<string, CommandState>();
  for (const event of ordered) {
    const before = states.get(event.commandKey);
    const stage = before?.stage === 'cancelled' && event.type === COMMAND_CLAIMED ? 'cancelled' : STAGE[event.type];
    if (!stage) continue;
    states.set(event.commandKey, {
      commandKey: event.commandKey,
      node: event.node ?? before?.node ?? null,
      stage,
      workerId: stage === 'issued' ? null : (event.workerId ?? before?.workerId ?? null),
      issuedAt: stage === 'issued' ? event.at : (before?.issuedAt ?? null),
      lastAt: event.at,
      lastEventId: event.eventId,
    });
  }
  return [...states.values()];
}

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
