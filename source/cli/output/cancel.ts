import { alreadyEnded, type CancelPlan, notFound, type UnreadExecution } from '../../domain/cancellation.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { CancelReport } from '../../service/cancel/cancel.js';
import { type CancelResult, cancelledMessage } from '../../service/cancel/cancel-results.js';
import { StoreError } from '../../store/errors.js';
import { visibleJson, visibleText } from '../../text/visible-text.js';
import { plural } from '../../text/words.js';
import { withoutPasswords } from './failure.js';
import { type FollowUp, followUpJson } from './follow-and-report.js';
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

/** One block an id that was cancelled; one line on stderr for each that was not. */
export function printResults(results: readonly CancelResult[], report: CancelReport, terminal: Terminal): void {
  for (const result of results) {
    if (result.kind === 'cancelled') {
      terminal.print(cancelBlock({ ...result, reason: report.request.reason }));
      if (result.own !== null) terminal.note(`${visibleText(result.own)}; its live descendants were cancelled`);
    } else terminal.note(visibleText(result.message));
    for (const failure of result.failures) {
      const own = result.kind === 'failed' || result.kind === 'outcome-unknown';
      if (failure.executionId === result.executionId && own) continue;
      terminal.note(`Execution ${failure.executionId} could not be cancelled: ${visibleText(failure.message)}`);
    }
  }
}

/** The API's body, one line an id, errors too; further fields come after the four that the seed has. */
export function printResultsJson(
  results: readonly CancelResult[],
  report: CancelReport,
  followUp: FollowUp | null,
  terminal: Terminal,
): void {
  const { reason, cancelledBy, cascade, batchId } = report.request;
  for (const result of results) {
    const cancelled = result.kind === 'cancelled';
    terminal.print(
      visibleJson({
        status: cancelled ? 'cancelled' : 'error',
        execution_id: result.executionId,
        cancelled_executions: result.cancelled,
        message: result.message,
        via: report.via ?? 'table',
        ...(cancelled
          ? { reason, cancelled_by: cancelledBy, cascade, batch_id: batchId }
          : { code: result.kind, batch_id: batchId }),
        ...(result.own === null ? {} : { note: result.own }),
        ...(result.late.length > 0 ? { late: result.late } : {}),
        ...(result.failures.length > 0
          ? { failed: result.failures.map((each) => ({ execution_id: each.executionId, message: each.message })) }
          : {}),
        ...(result.notAttempted.length > 0 ? { not_attempted: result.notAttempted } : {}),
        ...(cancelled && report.sweepProblem !== null ? { sweep_problem: report.sweepProblem } : {}),
        ...(cancelled && followUp ? { stop: followUpJson(followUp, result.cancelled) } : {}),
      }),
    );
  }
}

/** The same line for each id where nothing could be planned or written at all. */
export function printFailureJson(ids: readonly ExecutionId[], error: unknown, terminal: Terminal): void {
  const said = error instanceof Error ? error.message : String(error);
  for (const id of new Set(ids)) {
    const line = {
      status: 'error',
      execution_id: id,
      cancelled_executions: [],
      message: `Execution ${id} could not be cancelled: ${withoutPasswords(said)}`,
      code: error instanceof StoreError ? error.kind : 'failed',
    };
    terminal.print(visibleJson(line));
  }
}

/** What the whole run has to say besides its results: interrupted, or unable to look for late children. */
export function noteRun(results: readonly CancelResult[], report: CancelReport, terminal: Terminal): void {
  if (report.sweepProblem !== null) {
    terminal.note(
      `noetl-console: could not look for all children that appeared meanwhile: ${visibleText(report.sweepProblem)}; run the same command again`,
    );
  }
  if (!report.interrupted) return;
  const cancelled = report.outcomes.filter((outcome) => outcome.kind === 'cancelled').length;
  const left = results.reduce((sum, result) => sum + result.notAttempted.length, 0);
  terminal.note(
    `noetl-console: interrupted: ${plural(cancelled, 'execution')} cancelled, ${left} not attempted; run the same command again to continue`,
  );
}

const RULE = '='.repeat(60);
/** Values start in column 12. */
const LABEL_WIDTH = 11;

/** The contents of one cancelled execution's block. */
interface CancelBlock {
  readonly executionId: ExecutionId;
  readonly cancelled: readonly ExecutionId[];
  readonly reason: string | null;
}

/** The output of a cancel, to the letter (product.md, "The output of a cancel"); without the last line end. */
export function cancelBlock({ executionId, cancelled, reason }: CancelBlock): string {
  const line = (label: string, value: string) => `${label.padEnd(LABEL_WIDTH)}${value}`;
  // The one that was cancelled need not be the one that was asked for: a cascade below an ended root.
  const listed = cancelled.length > 1 || cancelled[0] !== executionId;
  return [
    '',
    RULE,
    line('Execution:', executionId),
    line('Status:', 'CANCELLED'),
    line('Cancelled:', `${cancelled.length} execution(s)`),
    line('Message:', cancelledMessage(cancelled.length)),
    ...(reason === null ? [] : [line('Reason:', visibleText(reason))]),
    ...(listed ? ['', 'Cancelled executions:', ...cancelled.map((id) => `  - ${id}`)] : []),
    RULE,
    '',
  ].join('\n');
}
