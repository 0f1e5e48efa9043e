import type { EventDraft, JsonObject } from './event-row.js';
import type { Command, ToolOutcome } from './playbook.js';
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

function ended(command: Command, ends: Successor['ends'], at: number): EventDraft[] {
  if (!ends) return [];
  const failed: JsonObject = { error: `Failed steps: ${command.step.name}`, failed_steps: [command.step.name] };
  return [
    {
      by: 'orchestrator',
      at,
      event_type: ends === 'COMPLETED' ? 'playbook.completed' : 'playbook.failed',
      node_id: 'playbook',
      node_name: 'playbook',
      status: ends,
      result: { status: ends },
      meta: { status: ends, ...(ends === 'FAILED' ? failed : {}) },
    },
  ];
}

/** A worker's own event; only `command.claimed` is not actionable. */
const byWorker = (
  command: Command,
  worker: string,
  eventType: string,
  { status, context = {} }: { status: string; context?: JsonObject },
): EventDraft => ({
  by: 'worker',
  at: 0,
  event_type: eventType,
  node_id: command.step.name,
  node_name: command.step.name,
  status,
  result: { status, context: { ...context, command_id: command.id } },
  meta: {
    command_id: command.id,
    worker_id: worker,
    informative: true,
    ...(eventType === 'command.claimed' ? { actionable: false } : { actionable: true, attempts: 1 }),
  },
});

/**
 * The worker's own events at a command's end. `success` is in lower case on `command.completed` alone; a failure's text
 * is in result.context.error alone, on a `call.done` that says FAILED.
 */
function reported(command: Command, worker: string, outcome: ToolOutcome): EventDraft[] {
  if (outcome.kind === 'parked')
    return [
      byWorker(command, worker, 'command.completed', { status: 'success', context: { pending_callback: 'true' } }),
    ];
  if (outcome.kind === 'error') {
    const failure = { status: 'FAILED', context: { error: outcome.message } };
    return [
      { ...byWorker(command, worker, 'call.done', failure), duration: command.seconds },
      byWorker(command, worker, 'command.failed', failure),
    ];
  }
  const data: JsonObject = outcome.childExecutionId ? { execution_id: outcome.childExecutionId } : {};
  const done = { status: 'COMPLETED', context: { ...data, result: { status: 'success' }, call_index: 0 } };
  return [
    { ...byWorker(command, worker, 'call.done', done), duration: command.seconds },
    byWorker(command, worker, 'command.completed', { status: 'success', context: { status: 'success' } }),
  ];
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
    { ...byWorker(command, worker, 'command.claimed', { status: 'RUNNING', context: { worker_id: worker } }), at },
  ],
  start: (_execution, command, worker, at) => [
    { ...byWorker(command, worker, 'command.started', { status: 'STARTED' }), at },
  ],
  finish: (execution, command, { worker, outcome, successor, at }) => {
    const { enters, issues, ends } = successor;
    const entry: EventDraft[] = enters
      ? [
          {
            by: 'orchestrator',
            at,
            event_type: 'step.enter',
            node_id: enters.name,
            node_name: enters.name,
            status: 'ENTERED',
            result: {
              status: 'ENTERED',
              ...(enters.iterations === undefined ? {} : { context: { iterator_var: 'item' } }),
            },
            meta: { emitted_by: 'orchestrator' },
          },
        ]
      : [];
    const next = issues.map((one) => issued(execution, one));
    return spaced([...reported(command, worker, outcome), ...entry, ...next, ...ended(command, ends, at)], at);
  },
};
