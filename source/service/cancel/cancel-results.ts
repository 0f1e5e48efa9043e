import { alreadyEnded, type CancelOutcome, notFound } from '../../domain/cancellation.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { TerminalStatus } from '../../domain/execution-status.js';
import type { CancelReport } from './cancel.js';

/** What a cancel run did for one of the ids that were asked for. */
export interface CancelResult {
  readonly executionId: ExecutionId;
  /** `cancelled` as soon as it or, below an ended one, any descendant was cancelled. */
  readonly kind: 'cancelled' | 'ended' | 'unknown' | 'resumed' | 'failed' | 'outcome-unknown' | 'not-attempted';
  /** What was cancelled for it, itself first, then parents before children. */
  readonly cancelled: readonly ExecutionId[];
  /** Those of `cancelled` that appeared after the plan was made. */
  readonly late: readonly ExecutionId[];
  /** One line: what was cancelled, or why nothing was; the seed's words. */
  readonly message: string;
  /** Why the id itself was not cancelled though descendants were; null otherwise. */
  readonly own: string | null;
  /** Executions below it (or itself) whose cancel failed, or whose outcome is unknown. */
  readonly failures: readonly { readonly executionId: ExecutionId; readonly message: string }[];
  /** Executions that were not tried because the run was interrupted. */
  readonly notAttempted: readonly ExecutionId[];
}

/** How many were cancelled, in the words of the seed. */
export const cancelledMessage = (count: number): string => `Cancelled ${count} execution(s)`;

/** The line for a cancel that may or may not be written, with what to run. */
export const outcomeUnknownMessage = (id: ExecutionId, why: string): string =>
  `Execution ${id}: ${why}; run 'noetl-console status ${id}', or the same cancel again: nothing is written twice`;

/** A report printed id by id, in the order in which they were asked for. */
export function cancelResults(report: CancelReport): CancelResult[] {
  const own = new Map<ExecutionId, CancelOutcome>();
  const groups = new Map<ExecutionId, CancelOutcome[]>();
  for (const outcome of report.outcomes) {
    own.set(outcome.executionId, outcome);
    const group = groups.get(outcome.rootId);
    if (group) group.push(outcome);
    else groups.set(outcome.rootId, [outcome]);
  }
  const endedBefore = new Map<ExecutionId, TerminalStatus>(
    report.plan.ended.map((each) => [each.executionId, each.as]),
  );
  return report.plan.requested.map((id) => {
    const group = groups.get(id) ?? [];
    const cancelled = group.filter((each) => each.kind === 'cancelled');
    const [kind, why] = fate(id, own.get(id), endedBefore.get(id));
    const some = cancelled.length > 0;
    return {
      executionId: id,
      kind: some ? 'cancelled' : kind,
      cancelled: cancelled.map((each) => each.executionId),
      late: cancelled.filter((each) => each.late).map((each) => each.executionId),
      message: some ? cancelledMessage(cancelled.length) : why,
      own: some && kind !== 'cancelled' ? why : null,
      failures: group.flatMap((each) =>
        each.kind === 'failed' || each.kind === 'outcome-unknown'
          ? [{ executionId: each.executionId, message: each.message }]
          : [],
      ),
      notAttempted: group.filter((each) => each.kind === 'not-attempted').map((each) => each.executionId),
    };
  });
}

type Fate = readonly [CancelResult['kind'], string];

function fate(id: ExecutionId, outcome: CancelOutcome | undefined, endedAs: TerminalStatus | undefined): Fate {
  switch (outcome?.kind) {
    case 'cancelled':
      return ['cancelled', ''];
    case 'ended':
      return ['ended', `${alreadyEnded(id, outcome.as)}${outcome.endedBy ? ` (first: ${outcome.endedBy})` : ''}`];
    case 'resumed':
      return ['resumed', `Execution ${id} resumed and was skipped`];
    case 'failed':
      return ['failed', `Execution ${id} could not be cancelled: ${outcome.message}`];
    case 'outcome-unknown':
      return ['outcome-unknown', outcomeUnknownMessage(id, outcome.message)];
    case 'not-attempted':
      return ['not-attempted', `Execution ${id} was not tried: interrupted`];
    case 'unknown':
      return ['unknown', notFound(id)];
    case undefined:
      return endedAs ? ['ended', alreadyEnded(id, endedAs)] : ['unknown', notFound(id)];
  }
}
