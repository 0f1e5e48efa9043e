/** Signals that end the console, with the exit code that a shell would report for each. */
export const EXIT_CODE_OF_SIGNAL = { SIGHUP: 129, SIGINT: 130, SIGQUIT: 131, SIGTERM: 143 } as const;

/** A signal that ends the console. */
export type EndingSignal = keyof typeof EXIT_CODE_OF_SIGNAL;

/**
 * Why the full screen ended. The terminal is as it was by the time that anyone sees this.
 * `closed`: the terminal itself went away (end of input, EPIPE, EIO); its exit code is that of SIGHUP.
 */
export type TerminalOutcome =
  | { readonly reason: 'quit' }
  | { readonly reason: 'signal'; readonly signal: EndingSignal; readonly exitCode: number }
  | { readonly reason: 'closed'; readonly exitCode: number }
  | { readonly reason: 'error'; readonly error: unknown };

/** The outcome of a signal. */
export function signalled(signal: EndingSignal): TerminalOutcome {
  return { reason: 'signal', signal, exitCode: EXIT_CODE_OF_SIGNAL[signal] };
}

/** The outcome of a terminal that went away. */
export const CLOSED: TerminalOutcome = { reason: 'closed', exitCode: EXIT_CODE_OF_SIGNAL.SIGHUP };
