import type { EventSummary } from './execution.js';

/**
 * The words of `noetl.event`, in every spelling that either stack has written.
 * Source: noetl/event-store.md, "Words". The sets are closed on purpose: a word that is not here is shown as it is.
 */

/** Event types that begin an execution. */
export const PYTHON_START_TYPE = 'playbook.initialized';
export const RUST_START_TYPES = ['playbook_started', 'playbook.started'] as const;
export const START_TYPES = [PYTHON_START_TYPE, ...RUST_START_TYPES] as const;

/** Event types that end an execution, by what it then is. */
export const COMPLETED_TYPES = ['playbook.completed', 'playbook_completed', 'workflow.completed'] as const;
export const FAILED_TYPES = ['playbook.failed', 'playbook_failed', 'workflow.failed'] as const;
export const CANCELLED_TYPES = ['execution.cancelled', 'playbook.cancelled', 'playbook_cancelled'] as const;
export const TERMINAL_TYPES = [...COMPLETED_TYPES, ...FAILED_TYPES, ...CANCELLED_TYPES] as const;

/** A command's life, in order; `command.heartbeat` occurs in old rows only. */
export const COMMAND_ISSUED = 'command.issued';
export const COMMAND_CLAIMED = 'command.claimed';
export const COMMAND_STARTED = 'command.started';
export const COMMAND_HEARTBEAT = 'command.heartbeat';
export const COMMAND_COMPLETED = 'command.completed';
export const COMMAND_FAILED = 'command.failed';
export const COMMAND_CANCELLED = 'command.cancelled';

/** Event types after which a command is no longer outstanding. */
export const COMMAND_END_TYPES = [COMMAND_COMPLETED, COMMAND_FAILED, COMMAND_CANCELLED] as const;
/** Event types that say that a worker has hold of a command. */
export const COMMAND_HELD_TYPES = [COMMAND_CLAIMED, COMMAND_STARTED, COMMAND_HEARTBEAT] as const;
/** Event types that start work. `command.issued` is none: after a cancel its claim is refused. */
export const WORK_START_TYPES = [COMMAND_CLAIMED, COMMAND_STARTED] as const;
/** All event types of a command that either end it or move it forward. */
export const COMMAND_TYPES = [COMMAND_ISSUED, ...COMMAND_HELD_TYPES, ...COMMAND_END_TYPES] as const;

/**
 * The transport's own rows, which the Python stack writes around every report of a worker, also after the end. Never
 * the last event that an operator means, never the current step, and no sign of progress. Source: event-store.md, "Words".
 */
export const TRANSPORT_TYPES = ['batch.accepted', 'batch.processing', 'batch.completed'] as const;

const starts: ReadonlySet<string> = new Set(START_TYPES);
const rustStarts: ReadonlySet<string> = new Set(RUST_START_TYPES);
const commandEnds: ReadonlySet<string> = new Set(COMMAND_END_TYPES);
const commandHeld: ReadonlySet<string> = new Set(COMMAND_HELD_TYPES);
const workStarts: ReadonlySet<string> = new Set(WORK_START_TYPES);
const transport: ReadonlySet<string> = new Set(TRANSPORT_TYPES);

export const isTransport = (eventType: string | null): boolean => eventType !== null && transport.has(eventType);
export const isStartType = (eventType: string | null): boolean => eventType !== null && starts.has(eventType);
export const isCommandEnd = (eventType: string | null): boolean => eventType !== null && commandEnds.has(eventType);
export const isCommandHeld = (eventType: string | null): boolean => eventType !== null && commandHeld.has(eventType);
export const isWorkStart = (eventType: string | null): boolean => eventType !== null && workStarts.has(eventType);

/** Which stack wrote an execution's beginning; it decides what a cancel must write. */
export type Stack = 'python' | 'rust';

/** The stack that a start event's type belongs to, or null when the type begins nothing. */
export function stackOfStartType(eventType: string | null): Stack | null {
  if (eventType === PYTHON_START_TYPE) return 'python';
  return eventType !== null && rustStarts.has(eventType) ? 'rust' : null;
}

/** Event types that finish a step, a command or a loop: after one of these the engine has to issue what comes next. */
export const STEP_FINISH_TYPES = [
  COMMAND_COMPLETED,
  COMMAND_FAILED,
  COMMAND_CANCELLED,
  'call.done',
  'call.error',
  'step.exit',
  'step.skipped',
  'step_failed',
  'loop.done',
  'loop.fanin.completed',
  'stage.completed',
  'frame.completed',
] as const;

/**
 * Newest events between one step's end and the next command: the engine has the execution, no worker does. The families
 * subscription.*, frame.* and stage.* are not here but for their ends, nor is any unknown word: such an execution may
 * be waiting for something that the console does not know, so its silence proves nothing.
 */
const BETWEEN_STEPS: ReadonlySet<string> = new Set<string>([
  ...STEP_FINISH_TYPES,
  'step.enter',
  'loop.item',
  'loop.stalled',
  'ctx.updated',
]);

/** True where the newest event leaves the next move to the engine. */
export const endsAStep = (eventType: string): boolean => BETWEEN_STEPS.has(eventType);

/** What of an event is looked at. */
type Searched = EventSummary & { readonly error: string | null; readonly commandId: string | null };

const FAILED_STATUS = /^(failed|error)$/i;

/**
 * True for an event that reports a failure: by its error text, its type or its status. It need not end the execution.
 * Source: event-store.md, "Words". store/timeline.ts says the same in SQL.
 */
export const isFailure = (event: Pick<Searched, 'type' | 'status' | 'error'>): boolean =>
  event.error !== null || /error|failed/.test(event.type) || FAILED_STATUS.test(event.status ?? '');

/**
 * True when an event's words contain a text, in any case: its id, type, step, status, worker, command and error. Never
 * the payloads, which are masked. store/timeline.ts says the same in SQL.
 */
export function containsText(event: Searched, text: string): boolean {
  const { eventId, type, node, status, workerId, commandId, error } = event;
  const words = [eventId, type, node, status, workerId, commandId, error].filter((word) => word !== null);
  return words.join(' ').toLowerCase().includes(text.toLowerCase());
}
