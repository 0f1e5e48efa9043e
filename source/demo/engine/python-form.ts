import type { EventDraft, JsonObject } from './event-row.js';
import type { Command, ToolOutcome } from './playbook.js';
import { reportedInBatch } from './python-batch.js';
import { type ExecutionIdentity, type StackForm, spaced } from './stack-form.js';

const ofStep = (command: Command) => ({ node_id: command.step.name, node_name: command.step.name });

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
    status,
    duration: 0,
    ...parentOf(execution),
    ...metaOf(execution),
  };
}

/** Python's server marks the end of a workflow that failed as completed all the same, in the result. */
const END_RESULT: JsonObject = { status: 'COMPLETED', context: { status: 'completed' } };

function issued(execution: ExecutionIdentity, command: Command, trigger: string | null): EventDraft {
  const loop: JsonObject = command.iteration
    ? {
        loop_step: command.step.name,
        loop_event_id: `loop_${execution.executionId}_${command.step.name}`,
        loop_iteration_index: command.iteration.index,
      }
    : {};
  const first: JsonObject = {
    attempt: 1,
    max_attempts: 3,
    catalog_id: execution.catalogId,
    execution_id: execution.executionId,
  };
  return {
    by: 'orchestrator',
    at: 0,
    event_type: 'command.issued',
    ...ofStep(command),
    node_type: command.step.tool,
    status: 'PENDING',
    ...parentOf(execution),
    command_id: command.id,
    ...(command.iteration ? { current_index: command.iteration.index } : {}),
    context: {
      tool_config: { kind: command.step.tool, ...(command.step.calls ? { path: command.step.calls } : {}) },
      args: command.iteration ? { item: command.iteration.index } : {},
    },
    meta: {
      step: command.step.name,
      tool_kind: command.step.tool,
      actionable: true,
      command_id: BigInt(command.id),
      ...(trigger ? { triggered_by: trigger } : first),
      ...loop,
    },
  };
}

interface Reported {
  readonly status: string;
  readonly context?: JsonObject;
  readonly error?: string;
  readonly actionable?: boolean;
  /** The status that the result names, where it differs. */
  readonly resultStatus?: string;
}

/** A worker's own event, named by the column command_id and by meta, where the id is a JSON number. */
const byWorker = (command: Command, worker: string, eventType: string, reported: Reported): EventDraft => ({
  by: 'worker',
  at: 0,
  event_type: eventType,
  ...ofStep(command),
  status: reported.status,
  worker_id: worker,
  command_id: command.id,
  result: {
    status: reported.resultStatus ?? reported.status,
    context: { command_id: BigInt(command.id), ...reported.context },
  },
  meta: {
    worker_id: worker,
    actionable: reported.actionable ?? false,
    command_id: BigInt(command.id),
    informative: true,
  },
  ...(reported.error === undefined ? {} : { error: reported.error }),
});

/** A claim names its command in meta alone. */
function claimed(command: Command, worker: string, at: number): EventDraft {
  const { command_id: _column, ...row } = byWorker(command, worker, 'command.claimed', { status: 'RUNNING' });
  const locality: JsonObject = { runtime: 'cpu', worker_pool: 'w-py' };
  return { ...row, at, meta: { ...row.meta, locality } };
}

/** `step.enter` names no command at all. */
const entered = (command: Command, worker: string): EventDraft => ({
  by: 'worker',
  at: 0,
  event_type: 'step.enter',
  ...ofStep(command),
  status: 'RUNNING',
  worker_id: worker,
  result: { status: 'RUNNING', context: { status: 'started' } },
  meta: { worker_id: worker, actionable: false, informative: true },
});

/** A tool's end as the worker reports it: the call, the step, the command, with one error text in all three. */
function toolEnd(command: Command, worker: string, outcome: ToolOutcome): EventDraft[] {
  if (outcome.kind === 'parked') {
    const parked = { status: 'COMPLETED', context: { pending_callback: 'true', worker_id: worker } };
    return [byWorker(command, worker, 'command.completed', parked)];
  }
  if (outcome.kind === 'error') {
    const failure = { status: 'FAILED', error: outcome.message, context: { error: outcome.message, status: 'error' } };
    return [
      byWorker(command, worker, 'call.error', { ...failure, actionable: true }),
      byWorker(command, worker, 'step.exit', { ...failure, status: 'COMPLETED', resultStatus: 'FAILED' }),
      byWorker(command, worker, 'command.failed', failure),
    ];
  }
  const context: JsonObject = outcome.childExecutionId
    ? { status: 'success', execution_id: outcome.childExecutionId }
    : { status: 'completed' };
  const done = { status: 'COMPLETED', context };
  return [
    { ...byWorker(command, worker, 'call.done', { ...done, actionable: true }), duration: command.seconds },
    byWorker(command, worker, 'step.exit', done),
    byWorker(command, worker, 'command.completed', { ...done, context: { ...context, worker_id: worker } }),
  ];
}

/** The earlier stack, as its 4.26 writes: workers report in batches, and the transport's rows surround each report. */
export const pythonForm: StackForm = {
  stack: 'python',
  layout: 'database',
  commandId: (_execution, _step, _iteration, drawn) => drawn.toString(),
  begin: (execution, issues, at) => {
    const { path, workload } = execution.playbook;
    const start: EventDraft = {
      ...lifecycle(execution, 'playbook.initialized', 'initialized', path),
      context: { path, workload },
    };
    const workflow = lifecycle(execution, 'workflow.initialized', 'initialized', 'workflow');
    return spaced([start, workflow, ...issues.map((command) => issued(execution, command, null))], at);
  },
  claim: (_execution, command, worker, at) => [claimed(command, worker, at)],
  start: (execution, command, worker, at) =>
    reportedInBatch({
      worker,
      executionId: execution.executionId,
      commandId: command.id,
      events: [
        byWorker(command, worker, 'command.started', { status: 'RUNNING', context: { worker_id: worker } }),
        entered(command, worker),
      ],
      reaction: [],
      issued: 0,
      at,
    }),
  finish: (execution, command, { worker, outcome, successor, at }) => {
    const { stepEnds, issues, ends } = successor;
    const trigger = outcome.kind === 'error' ? 'call.error' : 'call.done';
    const reaction: EventDraft[] = issues.map((one) => issued(execution, one, trigger));
    if (stepEnds && command.iteration && outcome.kind !== 'error')
      reaction.unshift({
        by: 'orchestrator',
        at,
        event_type: 'loop.done',
        ...ofStep(command),
        status: 'completed',
        duration: 0,
      });
    if (ends) {
      const word = ends === 'FAILED' ? 'failed' : 'completed';
      reaction.push(
        { ...lifecycle(execution, `workflow.${word}`, word, 'workflow'), result: END_RESULT },
        { ...lifecycle(execution, `playbook.${word}`, word, execution.playbook.path), result: END_RESULT },
      );
    }
    return reportedInBatch({
      worker,
      executionId: execution.executionId,
      commandId: command.id,
      events: toolEnd(command, worker, outcome),
      reaction,
      issued: issues.length,
      at,
    });
  },
};
