import { type CommandEvent, type CommandState, commandStates } from './command-state.js';
import {
  COMMAND_CANCELLED,
  COMMAND_CLAIMED,
  COMMAND_COMPLETED,
  COMMAND_FAILED,
  COMMAND_HEARTBEAT,
  COMMAND_ISSUED,
  COMMAND_STARTED,
  COMMAND_TYPES,
  isCommandEnd,
  isCommandHeld,
} from './event-types.js';
import { compareIds, type ExecutionId } from './execution-id.js';
import type { ExecutionStatus } from './execution-status.js';

/** What a cancellation check says of an execution; on the wire it is the seed's cancellation-check body. */
export interface CancellationVerdict {
  readonly executionId: ExecutionId;
  readonly status: ExecutionStatus;
  /** The type of the event that decides the status; of the newest event while nothing has ended the execution. */
  readonly eventType: string | null;
  /**
   * True once any cancel is in the log, also where the execution ended otherwise afterwards: a late
   * `playbook.completed` must not set the cancelled execution's commands going again.
   */
  readonly cancelled: boolean;
  readonly completed: boolean;
  readonly failed: boolean;
}

/** Where in the two-point protocol a worker learnt of the cancel (seed, "Worker Behavior"). */
export type CancellationPoint = 'before-claim' | 'after-claim';

/** An event that a worker reports about a command; its event id, catalog and chain are settled where it is written. */
export interface WorkerEvent {
  readonly executionId: ExecutionId;
  /** One of COMMAND_TYPES. */
  readonly eventType: string;
  readonly step: string;
  readonly commandId: string;
  readonly workerId: string | null;
  readonly status: string;
  readonly meta: Readonly<Record<string, unknown>>;
  readonly context: Readonly<Record<string, unknown>> | null;
}

/** What became of a worker's event. */
export type WorkerEventResult =
  | { readonly kind: 'appended'; readonly eventId: string }
  /** It was in the log already: a retried emit, or another worker skipped the same command first. */
  | { readonly kind: 'duplicate'; readonly eventId: string }
  /** It would not be true, or comes too late (worker-events.ts says when). Nothing was written. */
  | { readonly kind: 'refused'; readonly because: string }
  | { readonly kind: 'unknown-execution' };

/** Asks whether an execution was cancelled. Rejects when that cannot be known; null when no event names the execution. */
export type CancellationCheck = (
  executionId: ExecutionId,
  options?: { readonly signal?: AbortSignal },
) => Promise<CancellationVerdict | null>;

/** Writes a worker's event. Rejects when it is not known to be written; it may then be tried again. */
export type WorkerEventEmitter = (
  event: WorkerEvent,
  options?: { readonly signal?: AbortSignal },
) => Promise<WorkerEventResult>;

/** The status column's value for each of a command's events. Source: event-store.md, "What a run looks like". */
const STATUS_OF: Readonly<Record<string, string>> = {
  [COMMAND_ISSUED]: 'PENDING',
  [COMMAND_CLAIMED]: 'RUNNING',
  [COMMAND_STARTED]: 'STARTED',
  [COMMAND_HEARTBEAT]: 'RUNNING',
  [COMMAND_COMPLETED]: 'COMPLETED',
  [COMMAND_FAILED]: 'FAILED',
  [COMMAND_CANCELLED]: 'CANCELLED',
};

const commandTypes: ReadonlySet<string> = new Set(COMMAND_TYPES);

/** True for the events that a worker may write through `POST /api/events`. */
export const isCommandEventType = (eventType: string): boolean => commandTypes.has(eventType);

/** The status to write with a command's event when the worker names none. */
export const defaultWorkerEventStatus = (eventType: string): string => STATUS_OF[eventType] ?? 'RUNNING';

/** An event of a command as a worker reports it, with the status and meta that NoETL's workers write. */
export function workerEvent(
  command: { executionId: ExecutionId; commandId: string; step: string; workerId: string },
  eventType: string,
  more: { status?: string; context?: Readonly<Record<string, unknown>> } = {},
): WorkerEvent {
  const { executionId, commandId, step, workerId } = command;
  return {
    executionId,
    eventType,
    step,
    commandId,
    workerId,
    status: more.status ?? defaultWorkerEventStatus(eventType),
    meta: { command_id: commandId, worker_id: workerId, actionable: isCommandEnd(eventType), informative: true },
    context: more.context ?? null,
  };
}

/** The `command.cancelled` with which a worker says that it skipped a command. */
export function skippedCommandEvent(skip: {
  executionId: ExecutionId;
  commandId: string;
  step: string;
  workerId: string;
  at: CancellationPoint;
}): WorkerEvent {
  const { meta, ...event } = workerEvent(skip, COMMAND_CANCELLED);
  return {
    ...event,
    meta: { ...meta, reason: 'execution cancelled', cancelled_at_point: skip.at, actionable: false },
  };
}

/** Whether a worker's event may be written, given what the log says of its command. */
type WorkerEventDecision =
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
