import { resultOf } from './payloads.js';
import { pythonRows } from './python-rows.js';
import { rustRows } from './rust-rows.js';
import type { Row, Shape, ShapeEnd, ShapeStack } from './shape-types.js';

/** A shape of `steps` commands in either stack's sequence (event-store.md, "What a run looks like"). */
export function shapeOf(stack: ShapeStack, steps: number, end: ShapeEnd): Shape {
  const rows = stack === 'rust' ? rustRows(steps) : pythonRows(steps);
  const ended = end === 'completed' ? rows : [...rows.slice(0, Math.ceil(rows.length * 0.6)), ...endRows(stack, end)];
  let offsetMs = 0;
  const events = ended.map(({ after, ...row }, index) => {
    offsetMs += after;
    return {
      position: index + 1,
      offsetMs,
      status: null,
      node: null,
      nodeType: 'playbook',
      context: null,
      result: null,
      meta: null,
      inWorkerColumn: false,
      namesParent: false,
      durationMs: null,
      ...row,
    };
  });
  return { stack, end, events };
}

function endRows(stack: ShapeStack, end: ShapeEnd): Row[] {
  if (end === 'failed') {
    const result = resultOf(1, 'failed', true);
    return [{ type: 'playbook.failed', status: 'FAILED', after: 40, result, namesParent: stack === 'python' }];
  }
  const cancel = {
    reason: 'no longer needed',
    cancelled_by: 'api',
    cascade: false,
    parent_cancel_id: null,
    actionable: true,
  };
  const row = {
    status: 'CANCELLED',
    node: 'cancel',
    after: 1,
    meta: JSON.stringify(cancel),
    context: JSON.stringify({ reason: cancel.reason, cancelled_by: 'api' }),
  };
  const execution = { ...row, type: 'execution.cancelled' };
  return stack === 'rust' ? [{ ...row, type: 'playbook.cancelled' }, execution] : [execution];
}
