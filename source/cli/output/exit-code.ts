import type { CancelPlan } from '../../domain/cancellation.js';
import type { CancelResult } from '../../service/cancel/cancel-results.js';

/** Exit codes of the program (product.md, "The commands"). */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  nothingToCancel: 4,
  partlyDone: 5,
  notSettled: 6,
  refused: 7,
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The same as a table for `--help` and completions, in the order of the codes. */
export const EXIT_MEANINGS: readonly (readonly [ExitCode, string])[] = [
  [EXIT.done, 'done: all that was asked'],
  [EXIT.failed, 'something failed: the database, the network, an unexpected error'],
  [EXIT.usage, 'usage or configuration'],
  [EXIT.notFound, 'an id was not found'],
  [EXIT.nothingToCancel, 'nothing to cancel: already completed, failed or cancelled'],
  [EXIT.partlyDone, 'partly done: some ids were cancelled, others not; or a shard did not answer'],
  [EXIT.notSettled, 'cancelled, but not settled when --wait ran out: something is still emitting or draining'],
  [
    EXIT.refused,
    'refused: what the log shows cannot be judged now (the workers or the engine are down, or the log lags)',
  ],
  [EXIT.interrupted, 'interrupted'],
];

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
