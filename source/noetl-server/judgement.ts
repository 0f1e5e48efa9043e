import { type CancelTarget, levelOf } from '../domain/cancellation.js';
import type { EpochMs } from '../domain/execution.js';
import { executionStatus } from '../domain/execution-status.js';
import type { CancelState } from '../store/cancellations/records.js';
import type { AppendResult } from '../store/event-store.js';

/** The row that closes an execution's claims; the one that a cancel of the Rust server alone does not write. */
export const CLAIMS_CLOSED = 'execution.cancelled';

/**
 * True where the drive was stopped and the claims are still open: the Rust server's own cancel does no more, and so
 * leaves a cancel whose second call never came.
 */
export const isHalfCancelled = ({ terminalTypes }: CancelState): boolean =>
  executionStatus(terminalTypes).status === 'CANCELLED' && !terminalTypes.includes(CLAIMS_CLOSED);

export const isCancelled = (state: CancelState | undefined): boolean =>
  state?.terminalTypes.includes(CLAIMS_CLOSED) === true;

/** Why nothing may be sent for an execution as the table shows it now; null where it may be cancelled, or finished. */
export function whyNot(
  executionId: string,
  state: CancelState | undefined,
  { batchId, quietSince }: { readonly batchId: string; readonly quietSince: EpochMs | undefined },
): AppendResult | null {
  if (!state) return { executionId, kind: 'unknown' };
  const { status } = executionStatus(state.terminalTypes);
  const { cancel } = state;
  if (status !== 'RUNNING' && !isHalfCancelled(state)) {
    // This run's own rows, written by a try whose answer was lost.
    if (cancel?.batchId === batchId) {
      return { executionId, kind: 'appended', eventId: cancel.eventId, at: cancel.at };
    }
    return {
      executionId,
      kind: 'ended',
      as: status,
      endedBy: status === 'CANCELLED' ? (cancel?.cancelledBy ?? null) : null,
    };
  }
  if (quietSince !== undefined && state.lastEventAt >= quietSince) {
    return { executionId, kind: 'resumed', lastEventAt: state.lastEventAt };
  }
  return null;
}

/** Calls under way at a time: a server answers each from its own database, and has others to serve. */
const CALLS_AT_ONCE = 8;

/** Targets in groups whose calls may be under way together: a child's only once its parent's have been answered. */
export function groupsOf(targets: readonly CancelTarget[]): CancelTarget[][] {
  const groups: CancelTarget[][] = [];
  let group: CancelTarget[] = [];
  for (const target of targets) {
    const [first] = group;
    const waits =
      first !== undefined &&
      (group.length >= CALLS_AT_ONCE ||
        levelOf(target) > levelOf(first) ||
        group.some((each) => each.executionId === target.parentExecutionId));
    if (waits) {
      groups.push(group);
      group = [];
    }
    group.push(target);
  }
  if (group.length > 0) groups.push(group);
  return groups;
}
