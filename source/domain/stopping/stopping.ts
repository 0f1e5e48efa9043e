import type { CommandEvent } from '../command-state.js';
import type { EpochMs } from '../execution.js';
import { compareIds, type ExecutionId } from '../execution-id.js';
import { type CommandAfterCancel, type CommandHold, commandAfterCancel, newer } from './command-after-cancel.js';

/**
 * How far a cancelled execution has come to a stop, by its event log and by which workers are gone. `requested`: the
 * cancel is written, nothing was seen in progress yet. `draining`: commands are in progress, or the last one has just
 * ended. Settled is `stopped` (nothing in progress) or `abandoned` (all that was in progress belongs to workers that are
 * gone: they cannot report, and nothing can start). `still-emitting`: a command claimed or started after the cancel has
 * not ended. Phases go forward only. Source: product.md, "What a cancel does", step 4.
 */
export type StopPhase = 'requested' | 'draining' | 'stopped' | 'abandoned' | 'still-emitting';

export const STOP_PHASES: readonly StopPhase[] = ['requested', 'draining', 'still-emitting', 'stopped', 'abandoned'];

/** True where nothing is waited for any more: that is success. */
export const isSettled = (phase: StopPhase): boolean => phase === 'stopped' || phase === 'abandoned';

/**
 * Whether a worker is alive; false where it is gone, null where that is not known. `begunAt` is given for a command that
 * it claimed or started after the cancel: whoever has just begun something is not gone, registered or not.
 */
export type WorkerAlive = (workerId: string | null, begunAt: EpochMs | null) => boolean | null;

/** A command that keeps an execution from having stopped. */
export interface DrainingCommand {
  readonly commandKey: string;
  readonly node: string | null;
  /** Who claimed it last. */
  readonly workerId: string | null;
  /** When the newest of its events was written. */
  readonly since: EpochMs;
  /** False: its worker is gone, so this may never end. Null: not known. */
  readonly workerAlive: boolean | null;
}

/** How far one cancelled execution has come to a stop, with what shows it. */
export interface StopState {
  readonly executionId: ExecutionId;
  readonly phase: StopPhase;
  /** Commands that a worker holds and that have not ended. */
  readonly draining: number;
  /** The newest claim or start after the cancel; of a command that has not ended, where there is one. */
  readonly violation: CommandEvent | null;
  /** Commands that were issued after the cancel and never handed to a worker: no work. */
  readonly issuedAfter?: number;
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

/** Every command as the cancel finds and leaves it, from events in any order, by command key. */
function commandsAfter(events: readonly CommandEvent[], cancel: CancelMark): Map<string, CommandAfterCancel> {
  const byCommand = new Map<string, CommandEvent[]>();
  for (const event of [...events].sort((a, b) => compareIds(a.eventId, b.eventId))) {
    const own = byCommand.get(event.commandKey);
    if (own) own.push(event);
    else byCommand.set(event.commandKey, [event]);
  }
  return new Map([...byCommand].map(([key, own]) => [key, commandAfterCancel(own, (event) => isAfter(event, cancel))]));
}

const ALIVE_UNKNOWN: WorkerAlive = () => null;

const draining = (commandKey: string, hold: CommandHold, workerAlive: WorkerAlive): DrainingCommand => ({
  commandKey,
  node: hold.node,
  workerId: hold.workerId,
  since: hold.last.at,
  workerAlive: workerAlive(hold.workerId, hold.begunAfter ? hold.last.at : null),
});

/**
 * The stop state from the cancel and the execution's command events, in any order.
 *
 * @param quiet true when neither the cancel nor an event of a worker is newer than the quiet period. A claim that was
 *   under way when the cancel was committed becomes visible within it.
 */
export function stopState(
  executionId: ExecutionId,
  cancel: CancelMark,
  events: readonly CommandEvent[],
  quiet: boolean,
  workerAlive: WorkerAlive = ALIVE_UNKNOWN,
): StopState {
  let open: CommandEvent | null = null;
  let past: CommandEvent | null = null;
  let isEmitting = false;
  let wasInProgress = false;
  let issuedAfter = 0;
  const holding: DrainingCommand[] = [];
  for (const [key, command] of commandsAfter(events, cancel)) {
    if (command.isRefused) issuedAfter += 1;
    wasInProgress ||= command.wasInProgress;
    past = newer(past, command.violation);
    if (!command.hold) continue;
    const held = draining(key, command.hold, workerAlive);
    holding.push(held);
    if (command.hold.begunAfter) {
      open = newer(open, command.violation);
      isEmitting ||= held.workerAlive !== false;
    }
  }
  const isAbandoned = holding.length > 0 && holding.every((command) => command.workerAlive === false);
  const phase = isEmitting
    ? 'still-emitting'
    : holding.length > 0
      ? isAbandoned && quiet
        ? 'abandoned'
        : 'draining'
      : quiet
        ? 'stopped'
        : wasInProgress
          ? 'draining'
          : 'requested';
  return { executionId, phase, draining: holding.length, violation: open ?? past, issuedAfter, holding };
}

const sameHolding = (left: StopState, right: StopState): boolean => {
  const known = new Map((left.holding ?? []).map((command) => [command.commandKey, command.since]));
  const now = right.holding ?? [];
  return known.size === now.length && now.every((command) => known.get(command.commandKey) === command.since);
};

/**
 * The newer of two looks at one execution, moved forward only: what has drained is not merely requested again, and what
 * has settled is settled until the log shows a command that goes on. A worker that comes back is not such a sign.
 */
export function advance(before: StopState | null, now: StopState): StopState {
  if (!before || now.phase === before.phase) return now;
  if (before.phase === 'abandoned' && now.draining > 0 && sameHolding(before, now)) {
    return { ...now, phase: 'abandoned', ...(before.holding ? { holding: before.holding } : {}) };
  }
  if (now.draining > 0 || now.phase === 'still-emitting' || isSettled(now.phase)) return now;
  if (isSettled(before.phase)) return { ...now, phase: 'stopped' };
  return now.phase === 'requested' ? { ...now, phase: 'draining' } : now;
}

/**
 * The events that the stop state depends on: commands that a worker held when the cancel took effect, and those with an
 * event after it. A long execution keeps a handful of its thousands.
 */
export function relevantToStopping(events: readonly CommandEvent[], cancel: CancelMark): CommandEvent[] {
  const keys = new Set<string>();
  for (const event of events) {
    if (compareIds(event.eventId, cancel.eventId) > 0 || isAfter(event, cancel)) keys.add(event.commandKey);
  }
  for (const [key, command] of commandsAfter(events, cancel)) if (command.hold) keys.add(key);
  return events.filter((event) => keys.has(event.commandKey));
}

/** How many of the states are in which phase. */
export function countPhases(states: readonly Pick<StopState, 'phase'>[]): Record<StopPhase, number> {
  const counts = { requested: 0, draining: 0, 'still-emitting': 0, stopped: 0, abandoned: 0 };
  for (const { phase } of states) counts[phase] += 1;
  return counts;
}
