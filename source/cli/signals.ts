const CRASHES = ['uncaughtException', 'unhandledRejection'] as const;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What hears of the end of the program, until it is released. */
export interface EndListener {
  readonly signal: AbortSignal;
  release(): void;
}

/**
 * A signal that the first Ctrl-C (or SIGTERM, or a closed terminal) aborts, so that a command can stop between two
 * transactions and say what it has done. The second calls `atOnce`, which ends the program where it stands, and so
 * does `onCrash` for an exception that nobody caught.
 */
export function listenForEnd(atOnce: () => void, onCrash: (error: unknown) => void): EndListener {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) atOnce();
    else controller.abort();
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  for (const name of CRASHES) process.on(name, onCrash);
  return {
    signal: controller.signal,
    release: () => {
      for (const name of SIGNALS) process.off(name, onSignal);
      for (const name of CRASHES) process.off(name, onCrash);
    },
  };
}
