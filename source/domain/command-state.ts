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
