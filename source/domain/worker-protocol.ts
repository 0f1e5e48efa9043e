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
} from './event-types.js';
import type { ExecutionId } from './execution-id.js';
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
