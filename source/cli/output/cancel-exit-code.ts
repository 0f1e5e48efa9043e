import type { CancelPlan } from '../../domain/cancellation.js';
import type { CancelResult } from '../../service/cancel/cancel-results.js';
import { EXIT, type ExitCode } from './exit-code.js';

/**
 * The exit code of a run. Where nothing was cancelled, an unknown id outranks an ended one: it is the one that the
 * operator can have mistyped.
 */
export function exitCodeOf(
  results: readonly CancelResult[],
  run: { readonly interrupted: boolean; readonly sweepProblem: string | null; readonly allSettled: boolean | null },
): ExitCode {
  if (run.interrupted) return EXIT.interrupted;
  const cancelled = results.filter((result) => result.kind === 'cancelled').length;
  const failed = results.some((result) => result.failures.length > 0);
  if (cancelled === 0) {
    if (failed) return EXIT.failed;
    return results.some((result) => result.kind === 'unknown') ? EXIT.notFound : EXIT.nothingToCancel;
  }
  if (failed || cancelled < results.length || run.sweepProblem !== null) return EXIT.partlyDone;
  return run.allSettled === false ? EXIT.notSettled : EXIT.done;
}

/** What the same run would exit with, from its plan. */
export function exitCodeOfPlan(plan: CancelPlan): ExitCode {
  if (plan.gap !== undefined && plan.targets.length > 0) return EXIT.partlyDone;
  const reached = new Set(plan.targets.map((target) => target.rootId));
  const missed = plan.requested.filter((id) => !reached.has(id));
  if (missed.length === 0) return EXIT.done;
  if (missed.length < plan.requested.length) return EXIT.partlyDone;
  if (plan.unread !== undefined) return EXIT.failed;
  return plan.unknown.length > 0 ? EXIT.notFound : EXIT.nothingToCancel;
}
