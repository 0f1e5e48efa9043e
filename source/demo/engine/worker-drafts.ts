import { COMMAND_CLAIMED } from '../../domain/event-types.js';
import { defaultWorkerEventStatus, type WorkerEvent } from '../../domain/worker-protocol.js';
import type { EventDraft, JsonObject } from './event-row.js';
import type { ExecutionRun } from './execution-run.js';
import type { Command } from './playbook.js';

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
