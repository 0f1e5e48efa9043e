import type { CancelPlan } from '../../domain/cancellation.js';
import type { Execution } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { EventStore } from '../../store/event-store.js';

/** Levels read upwards, and executions read at each: trees are two or three deep (event-store.md, "Parents"). */
const MOST_LEVELS = 8;
const MOST_A_LEVEL = 500;

/** An execution that has not ended and is not cancelled itself, above one that a plan cancels. */
export interface WaitingAncestor {
  readonly execution: Execution;
  /** The execution right below it, on the way to the plan's target. */
  readonly child: ExecutionId;
}

/**
 * Who may be waiting for what a plan cancels: the live ancestors of its targets, nearest first. Reads level by level, and
 * no more than a few hundred executions at each; `isCut` says that there may be more.
 */
export async function waitingAncestors(
  store: Pick<EventStore, 'executionsById'>,
  plan: CancelPlan,
  options: { readonly signal?: AbortSignal } = {},
): Promise<{ ancestors: WaitingAncestor[]; isCut: boolean }> {
  const met = new Set(plan.targets.map((target) => target.executionId));
  const ancestors: WaitingAncestor[] = [];
  let above = plan.targets.map(({ executionId, parentExecutionId }) => ({ id: parentExecutionId, child: executionId }));
  let isCut = false;
  for (let level = 0; level < MOST_LEVELS; level += 1) {
    const childOf = new Map<ExecutionId, ExecutionId>();
    for (const { id, child } of above) if (id !== null && !met.has(id)) childOf.set(id, child);
    if (childOf.size === 0) return { ancestors, isCut };
    const ids = [...childOf.keys()].slice(0, MOST_A_LEVEL);
    isCut ||= ids.length < childOf.size;
    for (const id of ids) met.add(id);
    const { executions } = await store.executionsById(ids, options);
    for (const execution of executions) {
      const child = childOf.get(execution.executionId);
      if (execution.status === 'RUNNING' && child !== undefined) ancestors.push({ execution, child });
    }
    above = executions.map(({ executionId, parentExecutionId }) => ({ id: parentExecutionId, child: executionId }));
  }
  return { ancestors, isCut: true };
}
