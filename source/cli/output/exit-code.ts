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
