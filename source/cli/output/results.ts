import type { ExecutionId } from '../../domain/execution-id.js';
import type { CancelReport } from '../../service/cancel/cancel.js';
import type { CancelResult } from '../../service/cancel/cancel-results.js';
import { StoreError } from '../../store/errors.js';
import { plural } from '../../text/plural.js';
import { visibleJson, visibleText } from '../../text/visible-text.js';
import { cancelBlock } from './cancel-block.js';
import { withoutPasswords } from './failure.js';
import { type FollowUp, followUpJson } from './follow-up.js';
import type { Terminal } from './terminal.js';

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
