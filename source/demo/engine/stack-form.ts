import { COMMAND_CLAIMED, type Stack } from '../../domain/event-types.js';
import type { TerminalStatus } from '../../domain/execution-status.js';
import type { SnowflakeLayout } from '../../domain/snowflake.js';
import { defaultWorkerEventStatus, type WorkerEvent } from '../../domain/worker-protocol.js';
import type { EventDraft, JsonObject } from './event-row.js';
import type { ExecutionRun } from './execution-run.js';
import type { Command, Playbook, Step, ToolOutcome } from './playbook.js';

/** Who an execution is; the same in all of its events. */
export interface ExecutionIdentity {
  readonly executionId: string;
  readonly catalogId: string;
  readonly playbook: Playbook;
  readonly parentExecutionId: string | null;
  /** True for a Python child that runs inside its parent's worker. */
  readonly inline: boolean;
}

/** What the orchestrator does once a command has ended. */
export interface Successor {
  readonly enters: Step | null;
  readonly issues: readonly Command[];
  readonly ends: Exclude<TerminalStatus, 'CANCELLED'> | null;
  /** The step that the command belonged to has ended with it. */
  readonly stepEnds: boolean;
}

/** The events that one stack writes, in its own words and order. Source: event-store.md, "What a run looks like". */
export interface StackForm {
  readonly stack: Stack;
  readonly layout: SnowflakeLayout;
  /** The id of a command, given an id that was drawn for it. */
  commandId(execution: ExecutionIdentity, step: Step, iteration: number | null, drawn: bigint): string;
  begin(execution: ExecutionIdentity, issues: readonly Command[], at: number): EventDraft[];
  claim(execution: ExecutionIdentity, command: Command, worker: string, at: number): EventDraft[];
  start(execution: ExecutionIdentity, command: Command, worker: string, at: number): EventDraft[];
  finish(
    execution: ExecutionIdentity,
    command: Command,
    finished: { worker: string; outcome: ToolOutcome; successor: Successor; at: number },
  ): EventDraft[];
}

/**
 * What of a report is still written once the execution is cancelled: the worker's own account and the transport's rows
 * around it. Python's engine does not look, and issues the next command too; whoever claims that one is refused.
 */
export const writtenAfterCancel = (drafts: readonly EventDraft[], stack: Stack): EventDraft[] =>
  drafts.filter(
    ({ by, event_type }) => by !== 'orchestrator' || (stack === 'python' && event_type === 'command.issued'),
  );

/** Times within one reaction: a few milliseconds between one event and the next. */
export const spaced = (drafts: readonly EventDraft[], at: number): EventDraft[] =>
  drafts.map((draft, index) => ({ ...draft, at: at + index * 3 }));

/** The `command.cancelled` of a skipped command, with worker and command named where the stack names them. */
export function skipDraft(run: ExecutionRun, event: WorkerEvent, at: number): EventDraft {
  const python = run.form.stack === 'python';
  return {
    by: 'worker',
    at,
    event_type: event.eventType,
    node_id: event.step,
    node_name: event.step,
    status: event.status,
    meta: (python ? { ...event.meta, command_id: BigInt(event.commandId) } : event.meta) as JsonObject,
    ...(python ? { command_id: event.commandId, ...(event.workerId ? { worker_id: event.workerId } : {}) } : {}),
  };
}

/** A claim, as the rules for workers' events judge it. */
export const claimEvent = (command: Command, worker: string): WorkerEvent => ({
  executionId: command.executionId,
  eventType: COMMAND_CLAIMED,
  step: command.step.name,
  commandId: command.id,
  workerId: worker,
  status: defaultWorkerEventStatus(COMMAND_CLAIMED),
  meta: {},
  context: null,
});
