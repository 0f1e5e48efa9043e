import { issuedContext, resultOf, stepName, tookMs, toolOf, workload } from './payloads.js';
import type { Row } from './shape-types.js';

/** A third of the steps of a longer run are one loop, up to 16 items in flight at a time. */
const loopOf = (steps: number): { from: number; items: number } =>
  steps < 6 ? { from: steps, items: 0 } : { from: 2, items: Math.floor(steps / 3) };
const IN_FLIGHT = 16;

/** What the Rust stack writes for a run that completes. */
export function rustRows(steps: number): Row[] {
  const start = JSON.stringify({ emitted_at: '2026-01-01T00:00:00Z', emitter: 'control_plane' });
  const rows: Row[] = [
    {
      type: 'playbook_started',
      status: 'STARTED',
      nodeType: 'execution',
      context: workload(steps),
      meta: start,
      namesParent: true,
      after: 0,
    },
  ];
  const loop = loopOf(steps);
  for (let step = 0; step < steps; ) {
    const parallel = step === loop.from ? loop.items : 1;
    if (step > 0) {
      const meta = JSON.stringify({ emitted_by: 'orchestrator' });
      rows.push({ type: 'step.enter', status: 'ENTERED', node: stepName(step), nodeType: 'step', meta, after: 5 });
    }
    for (let first = 0; first < parallel; first += IN_FLIGHT) {
      const items = Math.min(IN_FLIGHT, parallel - first);
      rows.push(...rustCommands(step, first, items, parallel));
    }
    step += Math.max(1, parallel);
  }
  return [
    ...rows,
    { type: 'playbook.completed', status: 'COMPLETED', result: resultOf(steps, 'completed', true), after: 900 },
  ];
}

function rustCommands(step: number, first: number, items: number, total: number): Row[] {
  const node = stepName(step);
  const nodeType = toolOf(step);
  const each = (row: (command: Record<string, unknown>, index: number) => Row): Row[] =>
    Array.from({ length: items }, (_, item) => {
      const suffix = total > 1 ? `:i${first + item}` : '';
      const loop = total > 1 ? { iteration_index: first + item, iteration_total: total } : {};
      return row({ command_id: `@E@:${node}:@E@${suffix}`, ...loop }, step * 40 + first + item);
    });
  const worker = { worker_id: '@W@', actionable: false, informative: true };
  return [
    ...each(
      (command, index): Row => ({
        type: 'command.issued',
        status: 'PENDING',
        node,
        nodeType,
        after: 3,
        context: issuedContext(index),
        meta: JSON.stringify({
          ...command,
          step: node,
          tool_kind: nodeType,
          attempt: 1,
          max_attempts: 3,
          execution_id: '@E@',
          actionable: true,
        }),
      }),
    ),
    ...each(
      (command): Row => ({
        type: 'command.claimed',
        status: 'RUNNING',
        node,
        nodeType,
        after: 9,
        meta: JSON.stringify({ ...command, ...worker }),
      }),
    ),
    ...each(
      (command): Row => ({
        type: 'command.started',
        status: 'STARTED',
        node,
        nodeType,
        after: 2,
        meta: JSON.stringify({ ...command, ...worker }),
      }),
    ),
    ...each(
      (command, index): Row => ({
        type: 'call.done',
        status: 'COMPLETED',
        node,
        nodeType,
        after: tookMs(index),
        durationMs: tookMs(index),
        result: resultOf(index, 'success', true),
        meta: JSON.stringify({ ...command, ...worker }),
      }),
    ),
    ...each(
      (command, index): Row => ({
        type: 'command.completed',
        status: 'success',
        node,
        nodeType,
        after: 4,
        result: resultOf(index, 'success', false),
        meta: JSON.stringify({ ...command, attempts: 1, worker_id: '@W@' }),
      }),
    ),
  ];
}
