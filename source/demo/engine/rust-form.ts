import type { Command, ToolOutcome } from './command.js';
import type { EventDraft, JsonObject } from './event-row.js';
import { type ExecutionIdentity, type StackForm, type Successor, spaced } from './stack-form.js';

const PLAYBOOK_NODE = { node_id: 'playbook', node_type: 'execution' } as const;

const ofCommand = (command: Command) => ({
  node_id: command.step.name,
  node_name: command.step.name,
  node_type: command.step.tool,
});

function commandMeta(execution: ExecutionIdentity, command: Command): JsonObject {
  return {
    command_id: command.id,
    step: command.step.name,
    tool_kind: command.step.tool,
    attempt: 1,
    max_attempts: 3,
    execution_id: execution.executionId,
    catalog_id: execution.catalogId,
    actionable: true,
    ...(command.iteration
      ? { iteration_index: command.iteration.index, iteration_total: command.iteration.total }
      : {}),
  };
}

function issued(execution: ExecutionIdentity, command: Command): EventDraft {
  return {
    by: 'orchestrator',
    at: 0,
    event_type: 'command.issued',
    ...ofCommand(command),
    status: 'PENDING',
    ...(command.iteration ? { current_index: command.iteration.index } : {}),
    context: {
      tool_config: { kind: command.step.tool, ...(command.step.calls ? { path: command.step.calls } : {}) },
      args: command.iteration ? { item: command.iteration.index } : {},
      render_context: { execution_id: execution.executionId },
    },
    meta: commandMeta(execution, command),
  };
}

function ended(execution: ExecutionIdentity, ends: Successor['ends'], at: number): EventDraft[] {
  if (!ends) return [];
  return [
    {
      by: 'orchestrator',
      at,
      event_type: ends === 'COMPLETED' ? 'playbook.completed' : 'playbook.failed',
      ...PLAYBOOK_NODE,
      node_name: 'playbook',
      status: ends,
      result: { status: ends, context: {} },
      meta: { emitted_by: 'orchestrator', execution_id: execution.executionId },
    },
  ];
}

/** The worker's own events at a command's end. Rust writes `success` and `error` in lower case here. */
function reported(command: Command, worker: string, outcome: ToolOutcome): EventDraft[] {
  const failed = outcome.kind === 'error';
  const base = { by: 'worker', at: 0, ...ofCommand(command) } as const;
  const meta = { command_id: command.id, worker_id: worker, actionable: false, informative: true };
  const child: JsonObject =
    outcome.kind === 'done' && outcome.childExecutionId ? { execution_id: outcome.childExecutionId } : {};
  const call: EventDraft = {
    ...base,
    event_type: failed ? 'call.error' : 'call.done',
    status: failed ? 'FAILED' : 'COMPLETED',
    duration: command.seconds,
    result: failed
      ? { status: 'error', context: { message: outcome.message } }
      : { status: 'success', context: { ...child } },
    meta,
    ...(failed ? { error: outcome.message } : {}),
  };
  const end: EventDraft = {
    ...base,
    event_type: failed ? 'command.failed' : 'command.completed',
    status: failed ? 'error' : 'success',
    result: {
      status: failed ? 'error' : 'success',
      context: { command_id: command.id, ...(outcome.kind === 'parked' ? { pending_callback: 'true' } : {}) },
    },
    meta: { ...meta, attempts: 1 },
    ...(failed ? { error: outcome.message } : {}),
  };
  return outcome.kind === 'parked' ? [end] : [call, end];
}

/** Today's production stack: the server orchestrates, worker and command id are in meta. */
export const rustForm: StackForm = {
  stack: 'rust',
  layout: 'rust',
  commandId: (execution, step, iteration, drawn) =>
    `${execution.executionId}:${step.name}:${drawn}${iteration === null ? '' : `:i${iteration}`}`,
  begin: (execution, issues, at) => {
    const { path, workload } = execution.playbook;
    const start: EventDraft = {
      by: 'orchestrator',
      at,
      event_type: 'playbook_started',
      ...PLAYBOOK_NODE,
      node_name: path,
      status: 'STARTED',
      ...(execution.parentExecutionId ? { parent_execution_id: execution.parentExecutionId } : {}),
      context: { catalog_id: execution.catalogId, execution_id: execution.executionId, path, workload },
      meta: { emitted_at: new Date(at).toISOString(), emitter: 'control_plane' },
    };
    return spaced([start, ...issues.map((command) => issued(execution, command))], at);
  },
  claim: (_execution, command, worker, at) => [
    {
      by: 'worker',
      at,
      event_type: 'command.claimed',
      ...ofCommand(command),
      status: 'RUNNING',
      meta: { command_id: command.id, worker_id: worker, actionable: false, informative: true },
    },
  ],
  start: (_execution, command, worker, at) => [
    {
      by: 'worker',
      at,
      event_type: 'command.started',
      ...ofCommand(command),
      status: 'STARTED',
      meta: { command_id: command.id, worker_id: worker, actionable: false, informative: true },
    },
  ],
  finish: (execution, command, { worker, outcome, successor, at }) => {
    const { enters, issues, ends } = successor;
    const orchestrator = { by: 'orchestrator', at, meta: { emitted_by: 'orchestrator' } } as const;
    const failure: EventDraft[] =
      outcome.kind === 'error'
        ? [
            {
              ...orchestrator,
              event_type: 'step_failed',
              ...ofCommand(command),
              status: 'FAILED',
              error: outcome.message,
            },
          ]
        : [];
    const entry: EventDraft[] = enters
      ? [
          {
            ...orchestrator,
            event_type: 'step.enter',
            node_id: enters.name,
            node_name: enters.name,
            node_type: enters.tool,
            status: 'ENTERED',
          },
        ]
      : [];
    const next = issues.map((one) => issued(execution, one));
    return spaced(
      [...reported(command, worker, outcome), ...failure, ...entry, ...next, ...ended(execution, ends, at)],
      at,
    );
  },
};
