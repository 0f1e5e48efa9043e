import type { Command, ToolOutcome } from './command.js';
import type { EventDraft, JsonObject } from './event-row.js';
import { type ExecutionIdentity, type StackForm, spaced } from './stack-form.js';

const ofCommand = (command: Command) => ({
  node_id: command.step.name,
  node_name: command.step.name,
  node_type: command.step.tool,
  command_id: command.id,
});

/** Python names the parent on start, lifecycle and issued rows; inline children name it in meta alone. */
const parentOf = (execution: ExecutionIdentity) =>
  execution.parentExecutionId && !execution.inline ? { parent_execution_id: execution.parentExecutionId } : {};
const metaOf = (execution: ExecutionIdentity) =>
  execution.parentExecutionId && execution.inline ? { meta: { inlined_in_parent: execution.parentExecutionId } } : {};

function lifecycle(execution: ExecutionIdentity, eventType: string, status: string, nodeName: string): EventDraft {
  return {
    by: 'orchestrator',
    at: 0,
    event_type: eventType,
    node_id: nodeName,
    node_name: nodeName,
    node_type: eventType.startsWith('workflow') ? 'workflow' : 'playbook',
    status,
    ...parentOf(execution),
    ...metaOf(execution),
  };
}

function issued(execution: ExecutionIdentity, command: Command): EventDraft {
  return {
    by: 'orchestrator',
    at: 0,
    event_type: 'command.issued',
    ...ofCommand(command),
    status: 'PENDING',
    ...parentOf(execution),
    ...(command.iteration ? { current_index: command.iteration.index } : {}),
    context: {
      tool_config: { kind: command.step.tool, ...(command.step.calls ? { path: command.step.calls } : {}) },
      args: command.iteration ? { item: command.iteration.index } : {},
    },
    meta: { attempt: 1, max_attempts: 3, tool_kind: command.step.tool, actionable: true },
  };
}

const byWorker = (command: Command, worker: string, eventType: string, status: string): EventDraft => ({
  by: 'worker',
  at: 0,
  event_type: eventType,
  ...ofCommand(command),
  status,
  worker_id: worker,
});

function commandEnd(command: Command, worker: string, outcome: ToolOutcome): EventDraft {
  if (outcome.kind === 'error')
    return { ...byWorker(command, worker, 'command.failed', 'FAILED'), error: outcome.message };
  const context: JsonObject = outcome.kind === 'parked' ? { pending_callback: 'true' } : {};
  return { ...byWorker(command, worker, 'command.completed', 'COMPLETED'), result: { status: 'COMPLETED', context } };
}

function call(command: Command, worker: string, outcome: ToolOutcome): EventDraft[] {
  if (outcome.kind === 'parked') return [];
  if (outcome.kind === 'error') {
    const result = { status: 'FAILED', context: { message: outcome.message } };
    return [{ ...byWorker(command, worker, 'call.error', 'FAILED'), result, error: outcome.message }];
  }
  const child: JsonObject = outcome.childExecutionId ? { execution_id: outcome.childExecutionId } : {};
  const result = { status: 'COMPLETED', context: child };
  return [{ ...byWorker(command, worker, 'call.done', 'COMPLETED'), duration: command.seconds, result }];
}

/** The earlier stack: worker and command id are columns, and the last command reports after the playbook's end. */
export const pythonForm: StackForm = {
  stack: 'python',
  layout: 'database',
  commandId: (_execution, _step, _iteration, drawn) => drawn.toString(),
  begin: (execution, issues, at) => {
    const { path, workload } = execution.playbook;
    const start: EventDraft = {
      ...lifecycle(execution, 'playbook.initialized', 'INITIALIZED', path),
      context: { path, workload },
    };
    const workflow = lifecycle(execution, 'workflow.initialized', 'initialized', 'workflow');
    return spaced([start, workflow, ...issues.map((command) => issued(execution, command))], at);
  },
  claim: (_execution, command, worker, at) => [{ ...byWorker(command, worker, 'command.claimed', 'RUNNING'), at }],
  start: (_execution, command, worker, at) =>
    spaced(
      [
        byWorker(command, worker, 'command.started', 'RUNNING'),
        ...(command.iteration === null || command.iteration.index === 0
          ? [byWorker(command, worker, 'step.enter', 'STARTED')]
          : []),
      ],
      at,
    ),
  finish: (execution, command, { worker, outcome, successor, at }) => {
    const { stepEnds, issues, ends } = successor;
    const failed = outcome.kind === 'error';
    const step: EventDraft[] = [];
    if (stepEnds) step.push(byWorker(command, worker, 'step.exit', failed ? 'FAILED' : 'COMPLETED'));
    if (stepEnds && command.iteration && !failed) {
      const { command_id: _none, ...node } = ofCommand(command);
      step.push({ by: 'orchestrator', at, event_type: 'loop.done', ...node, status: 'COMPLETED' });
    }
    const next = issues.map((one) => issued(execution, one));
    const word = ends === 'FAILED' ? 'failed' : 'completed';
    const end: EventDraft[] = ends
      ? [
          lifecycle(execution, `workflow.${word}`, ends, 'workflow'),
          lifecycle(execution, `playbook.${word}`, ends, execution.playbook.path),
        ]
      : [];
    return spaced(
      [...call(command, worker, outcome), ...step, ...next, ...end, commandEnd(command, worker, outcome)],
      at,
    );
  },
};
