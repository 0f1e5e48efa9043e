import { issuedContext, resultOf, stepName, tookMs, toolOf, workload } from './payloads.js';
import type { Row } from './shape-types.js';

/** What the Python stack writes for a run that completes; a last `command.completed` follows its end. */
export function pythonRows(steps: number): Row[] {
  const inline = JSON.stringify({ inlined_in_parent: '@I@' });
  const rows: Row[] = [
    {
      type: 'playbook.initialized',
      status: 'INITIALIZED',
      nodeType: 'playbook',
      context: workload(steps),
      meta: inline,
      namesParent: true,
      after: 0,
    },
    { type: 'workflow.initialized', status: 'initialized', nodeType: 'workflow', namesParent: true, after: 6 },
    pythonIssued(0),
  ];
  for (let step = 0; step < steps; step++) {
    const node = stepName(step);
    const nodeType = toolOf(step);
    const meta = JSON.stringify({ command_id: `@E@:${node}:${step}`, worker_id: '@W@' });
    const common = { node, nodeType, meta, inWorkerColumn: true };
    rows.push(
      { ...common, type: 'command.claimed', status: 'RUNNING', after: 12 },
      { ...common, type: 'command.started', status: 'RUNNING', after: 3 },
      { type: 'step.enter', status: 'RUNNING', node, nodeType: 'step', after: 1 },
      {
        ...common,
        type: 'call.done',
        status: 'COMPLETED',
        after: tookMs(step),
        durationMs: tookMs(step),
        result: resultOf(step, 'success', true),
      },
      {
        type: 'step.exit',
        status: 'COMPLETED',
        node,
        nodeType: 'step',
        after: 4,
        result: resultOf(step, 'success', true),
      },
      ...(step + 1 < steps ? [pythonIssued(step + 1)] : []),
      ...(step + 1 === steps
        ? [
            ...(steps > 5 ? [{ type: 'loop.done', status: 'COMPLETED', node, nodeType: 'loop', after: 2 }] : []),
            { type: 'workflow.completed', status: 'COMPLETED', nodeType: 'workflow', namesParent: true, after: 300 },
            {
              type: 'playbook.completed',
              status: 'COMPLETED',
              namesParent: true,
              result: resultOf(steps, 'completed', true),
              after: 5,
            },
          ]
        : []),
      { ...common, type: 'command.completed', status: 'COMPLETED', after: 6, result: resultOf(step, 'success', false) },
    );
  }
  return rows;
}

function pythonIssued(step: number): Row {
  const node = stepName(step);
  const meta = JSON.stringify({ command_id: `@E@:${node}:${step}`, step: node, tool_kind: toolOf(step), attempt: 1 });
  return {
    type: 'command.issued',
    status: 'PENDING',
    node,
    nodeType: toolOf(step),
    context: issuedContext(step),
    meta,
    namesParent: true,
    after: 5,
  };
}
