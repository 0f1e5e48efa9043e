import { alreadyEnded, type CancelPlan, notFound, type UnreadExecution } from '../../domain/cancellation.js';
import { plural } from '../../text/plural.js';
import { visibleJson, visibleText } from '../../text/visible-text.js';
import type { Terminal } from './terminal.js';

/** What a dry run shows: the plan, parents before children, and why the rest is skipped. Nothing was written. */
export function printPlan(plan: CancelPlan, terminal: Terminal): void {
  const { style } = terminal;
  const ended = plan.ended.filter((each) => !plan.requested.includes(each.executionId));
  terminal.print(`Dry run: nothing was written. Would cancel ${plural(plan.targets.length, 'execution')}.`);
  for (const target of plan.targets) {
    const path = target.path === null ? '' : `  ${style.dim(visibleText(target.path))}`;
    terminal.print(`${'  '.repeat(target.depth + 1)}- ${target.executionId}${path}`);
  }
  if (ended.length > 0) {
    terminal.print(`Already ended, skipped: ${plural(ended.length, 'descendant')}.`);
    for (const each of ended) terminal.print(`  - ${each.executionId}  ${style.dim(each.as)}`);
  }
  if (plan.truncated) terminal.note('The tree has more executions than a plan holds; a cancel goes on with the rest.');
  noteMissed(plan, terminal);
}

/** The same as the API's body, one line an id; `cancelled_executions` stays empty because nothing was cancelled. */
export function printPlanJson(plan: CancelPlan, terminal: Terminal): void {
  const endedAs = new Map(plan.ended.map((each) => [each.executionId, each.as]));
  for (const id of plan.requested) {
    const would = plan.targets.filter((target) => target.rootId === id).map((target) => target.executionId);
    const as = endedAs.get(id);
    const unread = plan.unread?.find((each) => each.executionId === id);
    const problem = as ? alreadyEnded(id, as) : unread ? unreadMessage(unread) : notFound(id);
    terminal.print(
      visibleJson({
        status: would.length > 0 ? 'dry_run' : 'error',
        execution_id: id,
        cancelled_executions: [],
        message: would.length > 0 ? `Would cancel ${would.length} execution(s)` : problem,
        dry_run: true,
        ...(plan.truncated ? { truncated: true } : {}),
        would_cancel: would,
        already_ended: plan.ended
          .filter((each) => each.rootId === id)
          .map((each) => ({ execution_id: each.executionId, status: each.as })),
      }),
    );
  }
}

function noteMissed(plan: CancelPlan, terminal: Terminal): void {
  const requested = new Set(plan.requested);
  for (const each of plan.ended) {
    if (requested.has(each.executionId)) terminal.note(alreadyEnded(each.executionId, each.as));
  }
  for (const id of plan.unknown) terminal.note(notFound(id));
  for (const each of plan.unread ?? []) terminal.note(visibleText(unreadMessage(each)));
  if (plan.gap !== undefined) terminal.note(visibleText(`noetl-console: the tree is not whole: ${plan.gap}`));
}

const unreadMessage = ({ executionId, message }: UnreadExecution): string =>
  `Execution ${executionId} could not be read: ${message}`;
